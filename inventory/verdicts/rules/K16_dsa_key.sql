-- title: DSA key
-- version: 1
-- severity: high
-- applies to: any
-- source: BR 6.1.5 (no other algorithms are permitted); TLS 1.3 has no DSA
-- next step: Replace the certificate with one over a P-256 or RSA 2048 key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K16', s.certificate, 'high', jsonb_build_object('key_bits', s.key_bits)
FROM subject s
WHERE s.key_algorithm = 'dsa'
