-- title: CA certificate used as a server's certificate
-- version: 1
-- severity: high
-- source: BR 7.1.2.7.8
-- next step: A server's key that can issue certificates: replace it with a leaf, and take the CA key off the server.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT DISTINCT 'C15', f.certificate, 'high', jsonb_build_object('subject', f.subject, 'self_signed', f.is_self_signed)
FROM deployed d JOIN certificate_facts f USING (certificate)
WHERE f.is_ca
