-- The last test of each endpoint, and when the one before it was, in the order of addresses. $1 site or NULL, $2 argument or NULL, $3
-- rows to leave out, $4 rows, $5 endpoint or NULL, $6 a report's filter or NULL. Columns: endpoint, site, address, zone, port, transport, server
-- name, time in microseconds, scan, plan's
-- file, owner, connections, clock, hellos a line each, the time before and its connections, protocol, outcome
SELECT e.id, site.name, host(e.address), e.zone, e.port, e.transport, e.server_name,
       (extract(epoch FROM t.time) * 1000000)::bigint, scan.scan_id, coalesce(substring(scan.plan FROM '"plan_file": *"([^"]*)"'), ''),
       coalesce((SELECT min(o.owner) FROM endpoint_judged j JOIN owner_basis o ON o.id = j.owner_basis WHERE j.endpoint = e.id), ''),
       t.connections, coalesce(t.clock_detail, ''), coalesce(array_to_string(t.hellos, E'\n'), ''),
       (extract(epoch FROM b.time) * 1000000)::bigint, b.connections, coalesce(s.protocol, ''), coalesce(s.last_outcome, 0)
FROM (SELECT DISTINCT ON (t.endpoint) t.*
      FROM server_test t JOIN scan ON scan.id = t.scan AND t.time <= scan.clock_limit
      WHERE ($2::text IS NULL OR t.endpoint IN (SELECT endpoint FROM endpoints_found($2::text)))
        AND ($5::bigint IS NULL OR t.endpoint = $5::bigint)
        AND ($6::jsonb - 'argument' = '{}' IS NOT FALSE
             OR t.endpoint IN (SELECT w.endpoint FROM endpoints_wanted($6::jsonb - 'argument', ARRAY(SELECT DISTINCT endpoint FROM server_test)) w))
      ORDER BY t.endpoint, t.time DESC) t
JOIN endpoint e ON e.id = t.endpoint
JOIN site ON site.id = e.site AND ($1::text IS NULL OR site.name = $1::text)
JOIN scan ON scan.id = t.scan
LEFT JOIN endpoint_now s ON s.endpoint = e.id
LEFT JOIN LATERAL (SELECT b.time, b.connections FROM server_test b WHERE b.endpoint = t.endpoint AND b.time < t.time
                   ORDER BY b.time DESC LIMIT 1) b ON true
ORDER BY e.address, e.port, e.site, e.server_name, e.id
OFFSET $3::bigint LIMIT $4::bigint
