-- title: RSA modulus that falls apart
-- version: 1
-- severity: critical
-- applies to: any
-- source: BR 6.1.6 (no factor below 752); badkeys (none below 65,536); RFC 8017, 3.1
-- next step: The key gives no security, or never worked: make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K10', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('small_factor', 'modulus_even', 'modulus_zero', 'modulus_negative', 'modulus_prime', 'multiple')
GROUP BY s.certificate
