-- Builds indexes before the first statement about one owner.
CREATE INDEX ON document_place (owner);
CREATE INDEX ON document_place (certificate);
ANALYZE document_place
