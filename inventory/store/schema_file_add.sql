-- $1 number, $2 name, $3 SHA-256 of its text in hex
INSERT INTO schema_file (number, name, sha256) VALUES ($1, $2, $3)
