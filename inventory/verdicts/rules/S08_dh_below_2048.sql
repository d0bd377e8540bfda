-- title: Diffie-Hellman below 2048 bits, or at all in TLS 1.2
-- version: 4
-- severity: medium
-- applies to: any
-- needs: posture dh_bits
-- source: RFC 9325, 4.1 (no DHE in TLS 1.2: SHOULD NOT); RFC 7919 (LOGJAM)
-- next step: Use a group of at least 2048 bits (ffdhe2048), or ECDHE only.
-- Below 1024 bits it can be broken today; at 2048 and above it is only worse than ECDHE.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S08', s.endpoint, CASE WHEN bool_or(s.item = 'dh_below_1024') THEN 'critical' WHEN bool_or(s.item = 'dh_below_2048') THEN 'medium' ELSE 'low' END,
       jsonb_build_object('group_bits', min(s.bits),
                          'suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen)) FILTER (WHERE coalesce(c.name, s.chosen) IS NOT NULL),
                          'seen_by', jsonb_agg(DISTINCT s.source), 'minimum', CASE WHEN min(s.bits) < 2048 THEN 2048 END,
                          'expected', CASE WHEN min(s.bits) < 2048 THEN NULL ELSE 'ECDHE' END)
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite AND c.key_exchange = 'DHE'
WHERE s.item IN ('dh_below_1024', 'dh_below_2048') OR c.authentication <> 'anonymous'
GROUP BY s.endpoint
