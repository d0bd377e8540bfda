-- Which certificates have weak keys or signatures, and which are served with weak versions or suites? $1 site or NULL, $2
-- rows or NULL. Rules: K keys, C01 and C02 signatures, P versions, S suites.
WITH page AS MATERIALIZED (
    SELECT f.* FROM finding f
    WHERE f.rule ~ '^(K|P|S|C01|C02)'
      AND ($1::text IS NULL
           OR CASE WHEN f.endpoint <> 0
                   THEN EXISTS (SELECT FROM endpoint e JOIN site ON site.id = e.site WHERE e.id = f.endpoint AND site.name = $1)
                   ELSE EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                WHERE j.certificate = f.certificate AND site.name = $1) END)
    ORDER BY f.severity_rank, f.rule, f.certificate, f.endpoint
    LIMIT $2::bigint
), at_endpoint AS MATERIALIZED (       -- what an endpoint of its own shows
    SELECT j.endpoint, string_agg(DISTINCT n.name, E'\n') AS name, min(o.owner) AS owner
    FROM (SELECT DISTINCT endpoint FROM page WHERE certificate = 0) p
    JOIN endpoint_judged j USING (endpoint)
    JOIN certificate_now n ON n.certificate = j.certificate
    LEFT JOIN owner_basis o ON o.id = j.owner_basis
    GROUP BY j.endpoint
), placed AS MATERIALIZED (
    SELECT p.certificate, array_to_string((array_agg(p.name ORDER BY p.name))[:20], E'\n')
           || CASE WHEN count(*) > 20 THEN E'\nand ' || count(*) - 20 || ' more' ELSE '' END AS places
    FROM (SELECT j.certificate, CASE WHEN $1::text IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name) AS name
          FROM (SELECT DISTINCT certificate FROM page WHERE endpoint = 0) x JOIN endpoint_judged j USING (certificate)
          JOIN endpoint e ON e.id = j.endpoint
          JOIN site ON site.id = j.site
          WHERE $1::text IS NULL OR site.name = $1) p
    GROUP BY p.certificate
)
SELECT s.name AS severity, h.rule, ru.title AS finding, coalesce(n.name, at_endpoint.name) AS name,
       CASE WHEN h.endpoint <> 0
            THEN CASE WHEN $1::text IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name)
            ELSE placed.places END AS places,
       coalesce(o.owner, at_endpoint.owner) AS owner, evidence_text(h.evidence) AS because, ru.next_step, ru.source, h.since
FROM page h
JOIN severity s ON s.rank = h.severity_rank
JOIN rule ru ON ru.id = h.rule
LEFT JOIN certificate_now n ON n.certificate = h.certificate
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN endpoint e ON e.id = h.endpoint
LEFT JOIN site ON site.id = e.site
LEFT JOIN at_endpoint ON at_endpoint.endpoint = h.endpoint AND h.certificate = 0
LEFT JOIN placed ON placed.certificate = h.certificate
ORDER BY h.severity_rank, h.rule, h.certificate, h.endpoint
