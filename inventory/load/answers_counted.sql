-- A database counts each connection, so an unchanged answer says something there (R14): it is judged again.
INSERT INTO dirty (kind, id)
SELECT DISTINCT 2, n.endpoint FROM endpoint_now n JOIN in_class c ON c.endpoint = n.endpoint WHERE n.protocol = 'mysql'
