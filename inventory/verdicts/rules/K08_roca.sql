-- title: RSA key of a broken chip library (ROCA)
-- version: 1
-- severity: critical
-- applies to: any
-- source: BR 6.1.1.3; CVE-2017-15361
-- next step: The private key can be computed: make a new key outside of that chip, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K08', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('roca')
GROUP BY s.certificate
