-- Empties the tables before the document of the next owner.
TRUNCATE document_certificate, document_finding, document_told, document_item
