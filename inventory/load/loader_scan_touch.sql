-- Marks the endpoints that a finished scan may have found gone: they have a certificate, but the scan asked them, or their
-- port without a name, and the answer had none. $1 scan
WITH asked AS MATERIALIZED (
    SELECT id, site, first_at, last_at FROM scan WHERE id = $1
), refused AS MATERIALIZED (
    SELECT q.prefix, q.port, q.transport, q.addresses
    FROM quiet q JOIN outcome o ON o.id = q.outcome AND o.is_absence
    WHERE q.scan = $1
), absent AS MATERIALIZED (
    SELECT DISTINCT e.site, e.address, e.port, e.transport
    FROM asked
    JOIN observation ob ON ob.scan = asked.id AND ob.time BETWEEN asked.first_at AND asked.last_at AND ob.chain IS NULL
    JOIN outcome o ON o.id = ob.outcome AND o.is_absence
    JOIN endpoint e ON e.id = ob.endpoint
), candidate AS MATERIALIZED (
    SELECT e.id
    FROM asked
    JOIN refused q ON true
    JOIN endpoint e ON e.prefix = q.prefix AND e.port = q.port AND e.transport = q.transport AND e.site = asked.site
    WHERE get_bit(q.addresses, (e.address - host(q.prefix)::inet)::integer) = 1
    UNION
    SELECT sibling.id
    FROM absent a
    JOIN endpoint sibling ON sibling.address = a.address AND sibling.port = a.port AND sibling.transport = a.transport
                         AND sibling.site = a.site
)
INSERT INTO recompute
SELECT c.id
FROM candidate c
JOIN endpoint_now n ON n.endpoint = c.id
CROSS JOIN asked
WHERE n.first_certificate_at IS NOT NULL AND (n.gone_at IS NULL OR n.gone_at >= asked.first_at)
ON CONFLICT DO NOTHING
