-- title: RSA key shorter than the policy's minimum
-- version: 1
-- severity: high
-- applies to: any
-- source: BR 6.1.5; RFC 9325, 4.5 (2048 bits)
-- next step: Replace the certificate with one over a new key of at least 2048 bits.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K02', s.certificate, 'high', jsonb_build_object('key_bits', p.key_bits, 'minimum', j.rsa_bits)
FROM judging j, profile p JOIN subject s ON s.profile = p.id
WHERE p.key_algorithm IN ('rsa', 'rsa-pss') AND p.key_bits >= 1024 AND p.key_bits < j.rsa_bits
