-- The endpoints of which a finished scan may say that they are gone. $1 scan
INSERT INTO recompute
SELECT e.id
FROM scan
JOIN quiet q ON q.scan = scan.id
JOIN outcome o ON o.id = q.outcome AND o.is_absence
JOIN endpoint e ON e.prefix = q.prefix AND e.port = q.port AND e.transport = q.transport AND e.site = scan.site
WHERE scan.id = $1 AND get_bit(q.addresses, (e.address - host(q.prefix)::inet)::integer) = 1
UNION
SELECT sibling.id
FROM scan
JOIN observation ob ON ob.scan = scan.id AND ob.time BETWEEN scan.first_at AND scan.last_at
JOIN outcome o ON o.id = ob.outcome AND o.is_absence
JOIN endpoint e ON e.id = ob.endpoint
JOIN endpoint sibling ON sibling.site = e.site AND sibling.address = e.address AND sibling.port = e.port
                     AND sibling.transport = e.transport
WHERE scan.id = $1
ON CONFLICT DO NOTHING
