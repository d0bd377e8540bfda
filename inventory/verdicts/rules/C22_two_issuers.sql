-- title: Certificates of two CAs for the same names are served at the same time
-- version: 1
-- severity: medium
-- applies to: server, unknown
-- source: inference: one of them was bought twice, or nobody knows of the other one
-- next step: Find out which of the two is meant to stay, and replace the other one there.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C22', s.certificate, 'medium', jsonb_build_object('names', o.name_set, 'issuers', g.issuers)
FROM (SELECT t.names_key, jsonb_agg(DISTINCT coalesce(p.issuer, '')) AS issuers
      FROM (SELECT DISTINCT names_key FROM subject WHERE is_served AND names_key IS NOT NULL) k
      JOIN LATERAL (
          SELECT names_key, certificate FROM known WHERE names_key = k.names_key
          UNION SELECT c.names_key, c.certificate FROM certificate_now c WHERE c.names_key = k.names_key) t ON true
      JOIN judging j ON true
      JOIN certificate_own o ON o.certificate = t.certificate AND o.not_after + interval '1 second' > j.as_of AND o.not_before <= j.as_of
      JOIN profile p ON p.id = o.profile AND NOT p.is_ca
      WHERE EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = t.certificate)
      GROUP BY t.names_key HAVING count(DISTINCT p.issuer_folded) > 1) g
JOIN subject s ON s.names_key = g.names_key AND NOT s.is_ca
JOIN judging j ON s.not_after + interval '1 second' > j.as_of AND s.not_before <= j.as_of
JOIN certificate_own o ON o.certificate = s.certificate
WHERE EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = s.certificate)
