-- $1 site
INSERT INTO endpoint (site, address, port, transport, server_name, zone)
SELECT DISTINCT $1::bigint, i.address, i.port, i.transport, i.server_name, i.zone
FROM in_endpoint i
WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.site = $1 AND e.address = i.address AND e.port = i.port
                  AND e.transport = i.transport AND e.server_name = i.server_name AND e.zone = i.zone)
ON CONFLICT DO NOTHING
