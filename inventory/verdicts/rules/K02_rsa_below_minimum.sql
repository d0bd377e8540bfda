-- title: RSA key shorter than the policy's minimum
-- version: 1
-- severity: high
-- applies to: any
-- source: BR 6.1.5; RFC 9325, 4.5 (2048 bits)
-- next step: Replace the certificate with one over a new key of at least 2048 bits.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K02', s.certificate, 'high', jsonb_build_object('key_bits', s.key_bits, 'minimum', j.rsa_bits)
FROM judging j, subject s
WHERE s.key_algorithm IN ('rsa', 'rsa-pss') AND s.key_bits >= 1024 AND s.key_bits < j.rsa_bits
