-- title: RSA exponent outside 2^16+1 .. 2^256-1
-- version: 2
-- severity: medium
-- applies to: any
-- source: BR 6.1.6 (SHOULD)
-- next step: At the next renewal make a new key with exponent 65537.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K06', s.certificate, 'medium', jsonb_build_object('exponent', p.rsa_exponent::text,
                                                          'minimum', CASE WHEN p.rsa_exponent < 65537 THEN '65537' END,
                                                                'maximum', CASE WHEN p.rsa_exponent >= 65537 THEN '2^256-1' END)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.rsa_exponent < 65537 OR p.rsa_exponent > power(2::numeric, 256) - 1
