-- title: Elliptic curve that is too small or not allowed
-- version: 2
-- severity: high
-- applies to: any
-- source: BR 6.1.5 (P-256, P-384, P-521); RFC 9325, 4.5 (224 bits)
-- next step: Replace the certificate with one over a new P-256 or P-384 key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K14', s.certificate, 'high',
       jsonb_build_object('curve', coalesce(p.key_curve, 'explicit parameters'), 'bits', p.key_bits,
                          'minimum', CASE WHEN p.key_bits < j.ec_bits THEN j.ec_bits END,
                          'allowed', CASE WHEN s.is_public THEN '["P-256", "P-384", "P-521"]'::jsonb END)
FROM judging j, profile p JOIN subject s ON s.profile = p.id
WHERE p.key_algorithm = 'ec'
  AND (p.key_bits < j.ec_bits OR (s.is_public AND coalesce(p.key_curve, '') NOT IN ('P-256', 'P-384', 'P-521')))
