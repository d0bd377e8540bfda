-- title: RSA key shorter than the policy's minimum
-- version: 1
-- severity: high
-- source: BR 6.1.5; RFC 9325, 4.5 (2048 bits)
-- next step: Replace the certificate with one over a new key of at least 2048 bits.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K02', f.certificate, 'high', jsonb_build_object('key_bits', f.key_bits, 'minimum', j.rsa_bits)
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
WHERE f.key_algorithm IN ('rsa', 'rsa-pss') AND f.key_bits >= 1024 AND f.key_bits < j.rsa_bits
