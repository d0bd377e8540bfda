-- title: RSA exponent is 1, even, not positive or beyond the modulus
-- version: 2
-- severity: critical
-- applies to: any
-- source: BR 6.1.6
-- next step: The key gives no security: make a new one with exponent 65537 and replace the certificate.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K05', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('exponent_one', 'exponent_even', 'exponent_not_positive', 'exponent_beyond_modulus')
GROUP BY s.certificate
