-- title: A database counts the scanner's connections as errors
-- version: 1
-- severity: low
-- applies to: any
-- source: MySQL and MariaDB: max_connect_errors (100 by default), host_cache
-- next step: Run FLUSH HOSTS on the server (or mysqladmin flush-hosts), or log in to it once from the scanner's host.
-- A handshake without a login is an error to the server, and only a login clears the count. Where it is full the server
-- says so and turns away the scanner's whole host.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'R14', min(endpoint), CASE WHEN bool_or(is_blocked) THEN 'high' ELSE 'low' END,
       jsonb_build_object('connections', sum(connections), 'first', min(time), 'last', max(time),
                          'blocked', bool_or(is_blocked), 'said', max(detail) FILTER (WHERE is_blocked))
FROM (SELECT e.site, e.address, e.port, e.id AS endpoint, o.time, o.connections, o.detail,
             coalesce(o.detail ~* 'blocked because of' AND
                      o.time = max(o.time) OVER (PARTITION BY e.site, e.address, e.port), false) AS is_blocked
      FROM judging j
      JOIN scope_endpoint x ON true
      JOIN endpoint e ON e.id = x.endpoint
      JOIN observation o ON o.endpoint = e.id AND o.time <= j.as_of
      WHERE o.protocol = 'mysql' AND o.method = 1) asked
GROUP BY site, address, port
HAVING sum(connections) >= 50 OR bool_or(is_blocked)
