-- Columns: row in the bundle, id in the database
SELECT i.row, c.id FROM in_chain i JOIN chain c ON c.sha256 = i.sha256 ORDER BY i.row
