-- Before they are joined: an owner has one certificate or a hundred thousand.
ANALYZE document_theirs
