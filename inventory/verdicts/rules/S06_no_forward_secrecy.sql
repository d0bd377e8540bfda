-- title: The server chose a suite without forward secrecy
-- version: 3
-- severity: medium
-- applies to: any
-- source: RFC 9325, 4.1; SSL Labs rating guide (B)
-- next step: Put ECDHE suites first, and take static RSA and static DH out.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S06', s.endpoint, 'medium',
       jsonb_build_object('suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen, s.item)), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE s.source <> 'posture' AND NOT c.has_forward_secrecy AND c.encryption <> 'NULL' AND c.authentication <> 'anonymous'
GROUP BY s.endpoint
