-- Which certificates have weak keys or signatures, and which are served with weak versions or suites? $1 site or NULL
-- Rules: K keys, C01 and C02 signatures, P versions, S suites.
SELECT h.severity, h.rule, h.title AS finding,
       CASE WHEN h.certificate IS NOT NULL
            THEN (SELECT c.name FROM report_certificate c WHERE c.certificate = h.certificate)
            ELSE (SELECT string_agg(DISTINCT c.name, E'\n') FROM report_place p JOIN report_certificate c
                  ON c.certificate = p.certificate WHERE p.endpoint = h.endpoint) END AS name,
       CASE WHEN h.endpoint IS NOT NULL
            THEN (SELECT min(p.place) FROM report_place p WHERE p.endpoint = h.endpoint)
            ELSE certificate_places(h.certificate, $1) END AS places,
       coalesce((SELECT c.owner FROM report_certificate c WHERE c.certificate = h.certificate),
                (SELECT min(p.owner) FROM report_place p WHERE p.endpoint = h.endpoint)) AS owner,
       evidence_text(h.evidence) AS because, h.next_step, h.source, h.since
FROM report_policy_hit h
WHERE h.rule ~ '^(K|P|S|C01|C02)'
  AND ($1::text IS NULL
       OR EXISTS (SELECT 1 FROM report_place p WHERE p.site = $1 AND (p.endpoint = h.endpoint OR p.certificate = h.certificate)))
ORDER BY h.severity_rank, h.rule, name, places
