-- title: Diffie-Hellman below 2048 bits
-- version: 2
-- severity: medium
-- applies to: any
-- needs: posture dh_bits
-- source: RFC 9325, 4.1; RFC 7919 (LOGJAM)
-- next step: Use a group of at least 2048 bits (ffdhe2048), or ECDHE only.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S08', s.endpoint, 'medium',
       jsonb_build_object('seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s
WHERE s.item = 'dh_below_2048'
GROUP BY s.endpoint
