-- title: Certificates of two CAs for the same names are served at the same time
-- version: 1
-- severity: medium
-- applies to: server, unknown
-- source: inference: one of them was bought twice, or nobody knows of the other one
-- next step: Find out which of the two is meant to stay, and replace the other one there.
WITH repeated AS (        -- most names are in one certificate; the other is in scope, or as an earlier run has seen it
    SELECT names_key FROM known WHERE names_key IS NOT NULL GROUP BY names_key HAVING count(*) > 1 AND bool_or(is_served)
    UNION
    SELECT s.names_key FROM subject s JOIN certificate_now c USING (names_key)
    WHERE s.is_served AND c.certificate <> s.certificate AND NOT (SELECT is_full FROM judging)
), candidate AS MATERIALIZED (
    SELECT k.names_key, k.certificate FROM known k JOIN repeated USING (names_key)
    UNION SELECT c.names_key, c.certificate FROM repeated JOIN certificate_now c USING (names_key) WHERE NOT (SELECT is_full FROM judging)
), several AS (
    SELECT t.names_key, jsonb_agg(DISTINCT coalesce(p.issuer, '')) AS issuers
    FROM judging j, candidate t
    JOIN certificate_own o USING (certificate)
    JOIN profile p ON p.id = o.profile AND NOT p.is_ca
    WHERE o.not_after + interval '1 second' > j.as_of AND o.not_before <= j.as_of
      AND EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = t.certificate)
    GROUP BY t.names_key HAVING min(p.issuer_folded) <> max(p.issuer_folded)
)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C22', s.certificate, 'medium', jsonb_build_object('names', o.name_set, 'issuers', g.issuers)
FROM judging j, several g
JOIN subject s USING (names_key)
JOIN certificate_own o USING (certificate)
WHERE NOT s.is_ca AND s.not_after + interval '1 second' > j.as_of AND s.not_before <= j.as_of
  AND EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = s.certificate)
