-- Columns: row in the bundle, id in the database
SELECT i.row, s.id FROM in_der i JOIN staple s ON s.sha256 = i.sha256 ORDER BY i.row
