-- title: DSA key
-- version: 2
-- severity: high
-- applies to: any
-- source: BR 6.1.5 (no other algorithms are permitted); TLS 1.3 has no DSA
-- next step: Replace the certificate with one over a P-256 or RSA 2048 key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K16', s.certificate, 'high', jsonb_build_object('key_algorithm', p.key_algorithm, 'key_bits', p.key_bits,
                                                        'allowed', '["RSA", "ECDSA"]'::jsonb)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.key_algorithm = 'dsa'
