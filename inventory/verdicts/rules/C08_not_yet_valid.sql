-- title: Not yet valid
-- version: 1
-- severity: high
-- source: RFC 5280, 4.1.2.5
-- next step: Put the former certificate back until this one begins, or correct the server's or the CA's clock.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C08', f.certificate, 'high', jsonb_build_object('not_before', f.not_before), f.not_before
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND j.as_of < f.not_before AND EXISTS (SELECT FROM deployed d WHERE d.certificate = f.certificate)
