-- title: RSA key of 112 bits of security that lives beyond 2030
-- version: 2
-- severity: info
-- applies to: any
-- source: SP 800-57 part 1, 5.6.3; IR 8547 (112 bits deprecated after 2030)
-- next step: At the next renewal take a key of at least 3072 bits, or P-256.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K03', s.certificate, 'info', jsonb_build_object('key_bits', p.key_bits, 'security_bits', p.security_bits, 'not_after', s.not_after,
                                                              'wanted_from_2031', 128)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.key_algorithm IN ('rsa', 'rsa-pss') AND p.security_bits = 112 AND s.not_after >= '2031-01-01 00:00:00+00'
