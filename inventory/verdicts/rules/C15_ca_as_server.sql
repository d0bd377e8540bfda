-- title: CA certificate used as a server's certificate
-- version: 1
-- severity: high
-- applies to: ca
-- source: BR 7.1.2.7.8
-- next step: A server's key that can issue certificates: replace it with a leaf, and take the CA key off the server.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C15', s.certificate, 'high', jsonb_build_object('subject', f.subject, 'self_signed', s.is_self_signed)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_served AND s.is_ca
