-- Which certificates have weak keys or signatures, and which are served with weak versions or suites? $1 site or NULL
-- Rules: K keys, C01 and C02 signatures, P versions, S suites.
WITH cert AS MATERIALIZED (
    SELECT certificate, name, owner FROM report_certificate
), place AS MATERIALIZED (
    SELECT endpoint, certificate, owner FROM report_place WHERE $1::text IS NULL OR site = $1
), at_endpoint AS MATERIALIZED (
    SELECT p.endpoint, string_agg(DISTINCT c.name, E'\n') AS name, min(p.owner) AS owner
    FROM place p JOIN cert c USING (certificate) GROUP BY p.endpoint
), at_certificate AS MATERIALIZED (
    SELECT DISTINCT certificate FROM place
)
SELECT h.severity, h.rule, h.title AS finding, coalesce(c.name, e.name) AS name,
       CASE WHEN h.endpoint IS NOT NULL
            THEN CASE WHEN $1::text IS NULL AND h.site <> 'default' THEN h.site || ' ' ELSE '' END || h.place
            ELSE certificate_places(h.certificate, $1) END AS places,
       coalesce(c.owner, e.owner) AS owner, evidence_text(h.evidence) AS because, h.next_step, h.source, h.since
FROM report_policy_hit h
LEFT JOIN cert c ON c.certificate = h.certificate
LEFT JOIN at_endpoint e ON e.endpoint = h.endpoint
LEFT JOIN at_certificate a ON a.certificate = h.certificate
WHERE h.rule ~ '^(K|P|S|C01|C02)' AND ($1::text IS NULL OR h.site = $1 OR a.certificate IS NOT NULL)
ORDER BY h.severity_rank, h.rule, name, places
