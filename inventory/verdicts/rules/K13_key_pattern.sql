-- title: RSA key that no sound generator makes
-- version: 1
-- severity: high
-- applies to: any
-- source: badkeys (patterns, bias, small private exponent)
-- next step: Find out which program made the key; make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K13', s.certificate, 'high', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('pattern', 'bit_bias', 'small_private_exponent')
GROUP BY s.certificate
