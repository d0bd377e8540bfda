-- title: Trust store holds a root that it should not
-- version: 2
-- severity: medium
-- applies to: any
-- source: NIST SP 1800-16B, 5.1.4 (trust anchors are inventoried and kept up to date); notices of the root programmes
-- next step: Bring the trust store up to date, or take this root out of it, where nobody can say why it is there.
-- Unknown: no store of the policy or of this system leads to it, where there is one. How grave it is depends on who could sign with it:
-- anybody, where the private key is published or can be computed; a CA that a programme distrusts altogether (its date is longer ago
-- than the longest life of a certificate); nobody any more, where it has expired.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'F02', s.certificate, q.severity,
       jsonb_build_object('fault', q.fault, 'distrusted_since', d.since, 'programmes', to_jsonb(d.programmes), 'weakness', to_jsonb(w.words),
                          'file', min(f.name), 'files', nullif(count(DISTINCT f.name), 1))
FROM judging j CROSS JOIN (               -- not of subject: what is only there to be trusted is judged by no other rule
    SELECT k.certificate, k.not_after, k.is_vouched, p.key_algorithm, p.key_bits
    FROM known k JOIN profile p ON p.id = k.profile
    WHERE k.is_ca AND k.is_self_signed OFFSET 0) s          -- planned alone: one more join here takes longer to plan than to run
JOIN certificate_own o USING (certificate)
LEFT JOIN LATERAL (SELECT array_agg(w.weakness ORDER BY w.weakness) AS words FROM key_weakness w
                   WHERE w.spki_sha256 = o.spki_sha256 AND w.weakness NOT IN ('bit_bias', 'explicit_parameters')) w ON true
LEFT JOIN LATERAL (SELECT min(x.not_after) AS since, array_agg(DISTINCT x.programme ORDER BY x.programme) AS programmes
                   FROM root_distrust_all x WHERE x.root = s.certificate AND x.not_after <= j.as_of) d ON true
CROSS JOIN LATERAL (
    SELECT coalesce(w.words IS NOT NULL OR (s.key_algorithm IN ('rsa', 'rsa-pss') AND s.key_bits < 1024), false) AS is_broken,
           coalesce(s.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND s.key_bits < 2048, false) AS is_short,
           j.as_of >= s.not_after + interval '1 second' AS is_over) k
CROSS JOIN LATERAL (
    SELECT CASE WHEN k.is_broken THEN 'key broken' WHEN k.is_over THEN 'expired' WHEN d.since IS NOT NULL THEN 'distrusted'
                WHEN NOT s.is_vouched AND EXISTS (SELECT FROM trust_store t WHERE t.kind = 'public') THEN 'unknown'
                WHEN k.is_short THEN 'key short' END AS fault,
           CASE WHEN k.is_broken THEN 'critical' WHEN k.is_over THEN 'low'
                WHEN d.since < j.as_of - interval '398 days' OR k.is_short THEN 'high' ELSE 'medium' END AS severity) q
JOIN file_state_certificate c ON c.certificate = s.certificate
JOIN file_at f USING (state)
WHERE f.marks & 1 <> 0 AND q.fault IS NOT NULL
GROUP BY s.certificate, q.fault, q.severity, d.since, d.programmes, w.words
