-- Columns: row in the bundle, id in the database
SELECT i.row, c.id FROM in_hash i JOIN certificate c ON c.sha256 = i.sha256
