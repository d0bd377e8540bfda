-- Stores endpoints that are new, neighbours side by side. $1 site. Two handles of a bundle may mean one. (Only one loader runs at a
-- time, so no other process stores them meanwhile.)
INSERT INTO endpoint (site, address, port, transport, server_name, zone, prefix, key)
SELECT $1::bigint, address, port, transport, server_name, zone, address_prefix(address), key
FROM (SELECT DISTINCT ON (i.address, i.port, i.server_name, i.transport, i.zone)
             i.address, i.port, i.transport, i.server_name, i.zone, i.key
      FROM in_endpoint i LEFT JOIN endpoint e ON e.key = i.key
      WHERE e.key IS NULL
      ORDER BY i.address, i.port, i.server_name, i.transport, i.zone) i
