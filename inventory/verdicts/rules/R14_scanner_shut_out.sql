-- title: A database counts the scanner's connections as errors
-- version: 2
-- severity: low
-- applies to: any
-- source: MySQL and MariaDB: max_connect_errors (100 by default), host_cache
-- next step: Run FLUSH HOSTS on the server (or mysqladmin flush-hosts), or log in to it once from the scanner's host.
-- A handshake without a login is an error to the server, and only a login clears the count. Where it is full the server
-- says so and turns away the scanner's whole host. A confirmed answer took as many connections as the answer that it repeats.
WITH told AS MATERIALIZED (
    SELECT e.site, e.address, e.port, o.endpoint, o.variant, o.time, o.connections, o.detail,
           lead(o.time, 1, 'infinity') OVER (PARTITION BY o.endpoint, o.variant ORDER BY o.time) AS until
    FROM judging j
    JOIN scope_endpoint x ON true
    JOIN endpoint e ON e.id = x.endpoint
    JOIN observation o ON o.endpoint = e.id AND o.time <= j.as_of
    WHERE o.protocol = 'mysql' AND o.method = 1
), asked AS (
    SELECT site, address, port, endpoint, time, connections, detail FROM told
    UNION ALL
    SELECT t.site, t.address, t.port, t.endpoint, c.last_at, t.connections, t.detail
    FROM told t
    JOIN confirmation c ON c.block = t.endpoint >> 12 AND c.variant = t.variant AND c.first_at >= t.time AND c.first_at < t.until
    JOIN judging j ON c.last_at <= j.as_of
    WHERE get_bit(c.bits, (t.endpoint & 4095)::integer) = 1
)
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'R14', min(endpoint), CASE WHEN bool_or(is_blocked) THEN 'high' ELSE 'low' END,
       jsonb_build_object('connections', sum(connections), 'first', min(time), 'last', max(time),
                          'blocked', bool_or(is_blocked), 'said', max(detail) FILTER (WHERE is_blocked))
FROM (SELECT site, address, port, endpoint, time, connections, detail,
             coalesce(detail ~* 'blocked because of' AND time = max(time) OVER (PARTITION BY site, address, port), false) AS is_blocked
      FROM asked) asked
GROUP BY site, address, port
HAVING sum(connections) >= 50 OR bool_or(is_blocked)
