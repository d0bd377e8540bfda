-- Columns: row in the bundle, id in the database, leaf
SELECT i.row, c.id, c.leaf FROM in_hash i JOIN chain c ON c.sha256 = i.sha256 ORDER BY i.row
