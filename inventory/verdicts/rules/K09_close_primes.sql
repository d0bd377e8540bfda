-- title: RSA primes that lie close to each other
-- version: 1
-- severity: critical
-- applies to: any
-- source: BR 6.1.1.3 (100 rounds of Fermat)
-- next step: The private key can be computed at once: make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K09', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('close_primes', 'modulus_square')
GROUP BY s.certificate
