-- title: The addresses of one name serve different certificates
-- version: 1
-- severity: medium
-- applies to: any
-- source: inference: a node of a cluster that a renewal has missed
-- next step: Install the same certificate on every address of the name, or take the address out of its DNS.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'R06', min(endpoint), 'medium',
       jsonb_build_object('name', server_name, 'port', port, 'addresses', count(*), 'different', count(DISTINCT leaves),
                          'served', jsonb_agg(jsonb_build_object('address', host(address), 'certificates', leaves)
                                              ORDER BY address) FILTER (WHERE place <= 32))
FROM (SELECT e.site, e.server_name, e.transport, e.port, e.address, min(e.id) AS endpoint,
             jsonb_agg(DISTINCT encode(c.sha256, 'hex')) AS leaves,
             row_number() OVER (PARTITION BY e.site, e.server_name, e.transport, e.port ORDER BY e.address) AS place
      FROM place d
      JOIN endpoint e ON e.id = d.endpoint
      JOIN certificate c ON c.id = d.certificate
      WHERE e.server_name <> ''
      GROUP BY e.site, e.server_name, e.transport, e.port, e.address) served
GROUP BY site, server_name, transport, port
HAVING count(DISTINCT leaves) > 1
