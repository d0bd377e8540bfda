-- $1 site. Columns: handle in the bundle, id here
SELECT i.handle, e.id
FROM in_endpoint i
JOIN endpoint e ON e.site = $1 AND e.address = i.address AND e.port = i.port AND e.transport = i.transport
               AND e.server_name = i.server_name AND e.zone = i.zone
ORDER BY i.handle
