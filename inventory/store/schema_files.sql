-- Files applied so far. Columns: number, SHA-256 of its text in hex.
SELECT number, sha256 FROM schema_file ORDER BY number
