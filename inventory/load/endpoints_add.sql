-- Stores endpoints that are new. $1 site
INSERT INTO endpoint (site, address, port, transport, server_name, zone, key)
SELECT $1::bigint, address, port, transport, server_name, zone, key FROM in_endpoint i
WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.key = i.key)
ON CONFLICT (key) DO NOTHING
