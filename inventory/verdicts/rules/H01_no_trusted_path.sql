-- title: No path leads to a trusted root
-- version: 2
-- severity: high
-- applies to: any
-- source: RFC 5280, 6; SSL Labs rating guide 2009k (T)
-- next step: Take a certificate from an own or approved CA, or name its root in the policy ([trust store: NAME]).
WITH good AS (       -- authorities that vouch for others on that day
    SELECT DISTINCT p.authority FROM judging j, ca_path p
    WHERE p.fault IS NULL AND (p.not_before IS NULL OR p.not_before <= j.as_of)
      AND (p.not_after IS NULL OR j.as_of < p.not_after + interval '1 second')),
reached AS (         -- and those that would but for dates or bounds
    SELECT p.authority, max(p.not_after) FILTER (WHERE p.fault IS NULL) AS ended_at, min(p.fault) AS fault FROM ca_path p GROUP BY 1),
pathless AS MATERIALIZED (
    SELECT s.certificate, s.issuer_key, s.authority, s.is_untried
    FROM subject s
    WHERE s.is_leaf AND NOT s.is_self_signed
      AND NOT EXISTS (SELECT FROM good g WHERE g.authority = s.authority)
      AND NOT EXISTS (SELECT FROM store_root r WHERE r.certificate = s.certificate))
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'H01', s.certificate, CASE WHEN a.issuer = 'own' THEN 'info' ELSE 'high' END,       -- of an own CA, the policy lacks its root (is_for_policy)
       jsonb_build_object('issuer', i.issuer, 'reason', CASE
           WHEN x.authority IS NULL AND s.authority IS NULL THEN 'signed by no known CA'
           WHEN x.authority IS NULL THEN 'the CA that signed it leads to no root of a trust store'
           WHEN x.ended_at IS NULL THEN 'each path breaks its bounds: ' || x.fault
           ELSE 'each path is outside its dates' END, 'path_not_after', x.ended_at, 'keys_left_untried', nullif(s.is_untried, false))
FROM pathless s
JOIN issuer i USING (issuer_key)
LEFT JOIN axes a ON a.certificate = s.certificate
LEFT JOIN reached x ON x.authority = s.authority
