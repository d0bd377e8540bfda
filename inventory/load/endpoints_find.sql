-- Columns: handle in the bundle, id in the database
SELECT i.handle, e.id FROM in_endpoint i JOIN endpoint e ON e.key = i.key ORDER BY i.handle
