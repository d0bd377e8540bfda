-- title: Elliptic-curve key off its curve, or with parameters of its own
-- version: 1
-- severity: critical
-- applies to: any
-- source: BR 6.1.6; RFC 5480, 2.1.1 and 2.2; CVE-2020-0601
-- next step: Clients refuse such a key or are deceived by it: make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K15', s.certificate, 'critical', jsonb_object_agg(w.weakness, w.evidence)
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('point_off_curve', 'point_infinity', 'explicit_parameters', 'false_generator')
GROUP BY s.certificate
