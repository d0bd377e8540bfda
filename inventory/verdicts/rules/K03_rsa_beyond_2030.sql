-- title: RSA key of 112 bits of security that lives beyond 2030
-- version: 1
-- severity: info
-- applies to: any
-- source: SP 800-57 part 1, 5.6.3; IR 8547 (112 bits deprecated after 2030)
-- next step: At the next renewal take a key of at least 3072 bits, or P-256.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K03', f.certificate, 'info', jsonb_build_object('key_bits', f.key_bits, 'security_bits', f.security_bits, 'not_after', f.not_after)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE f.key_algorithm IN ('rsa', 'rsa-pss') AND f.security_bits = 112 AND f.not_after >= '2031-01-01 00:00:00+00'
