-- title: Trust store holds a root that it should not
-- version: 1
-- severity: medium
-- applies to: any
-- source: NIST SP 1800-16B, 5.1.4 (trust anchors are inventoried and kept up to date); notices of the root programmes
-- next step: Bring the trust store up to date, or take this root out of it, where nobody can say why it is there.
-- Unknown: no store of the policy or of this system leads to it, where there is one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'F02', s.certificate, CASE WHEN q.fault = 'expired' THEN 'low' ELSE 'medium' END,
       jsonb_build_object('fault', q.fault, 'file', min(f.name), 'files', nullif(count(DISTINCT f.name), 1))
FROM judging j CROSS JOIN known s         -- not of subject: what is only there to be trusted is judged by no other rule
CROSS JOIN LATERAL (
    SELECT CASE WHEN j.as_of >= s.not_after + interval '1 second' THEN 'expired'
                WHEN EXISTS (SELECT FROM root_distrust_all d WHERE d.root = s.certificate AND d.not_after <= j.as_of) THEN 'distrusted'
                WHEN NOT s.is_vouched AND EXISTS (SELECT FROM trust_store t WHERE t.kind = 'public') THEN 'unknown' END AS fault) q
JOIN file_state_certificate c ON c.certificate = s.certificate
JOIN file_at f USING (state)
WHERE s.is_ca AND s.is_self_signed AND f.marks & 1 <> 0 AND q.fault IS NOT NULL
GROUP BY s.certificate, q.fault
