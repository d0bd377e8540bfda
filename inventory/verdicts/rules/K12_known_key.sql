-- title: Private key is published
-- version: 1
-- severity: critical
-- applies to: any
-- source: BR 6.1.1.3; badkeys block list
-- next step: Anybody can pretend to be this server: make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K12', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('known_key')
GROUP BY s.certificate
