-- title: RSA exponent is 1 or even
-- version: 1
-- severity: critical
-- source: BR 6.1.6
-- next step: The key gives no security: make a new one with exponent 65537 and replace the certificate.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K05', s.certificate, 'critical', jsonb_build_object('exponent', s.rsa_exponent::text)
FROM subject s
WHERE s.rsa_exponent < 3 OR s.rsa_exponent % 2 = 0
