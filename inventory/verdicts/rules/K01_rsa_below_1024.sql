-- title: RSA key below 1024 bits
-- version: 2
-- severity: critical
-- applies to: any
-- source: SSL Labs rating guide 2009k (F); BR 6.1.5
-- next step: Treat the key as broken: make a new key of at least 2048 bits, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K01', s.certificate, 'critical', jsonb_build_object('key_bits', p.key_bits, 'minimum', j.rsa_bits)
FROM judging j, profile p JOIN subject s ON s.profile = p.id
WHERE p.key_algorithm IN ('rsa', 'rsa-pss') AND p.key_bits < 1024
