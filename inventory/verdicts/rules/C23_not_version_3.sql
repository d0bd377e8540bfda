-- title: Not an X.509 version 3 certificate
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.1.2.1; BR 7.1.1
-- next step: Replace it; version 1 has no names, no usages, and some clients take it for a CA.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C23', s.certificate, 'high', jsonb_build_object('version', p.version)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.version <> 3
