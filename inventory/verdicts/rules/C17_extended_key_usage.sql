-- title: Extended key usage does not fit a public server certificate
-- version: 1
-- severity: medium
-- source: BR 7.1.2.7.10
-- next step: Ask the CA for a certificate with serverAuth and nothing that does not belong to it.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C17', s.certificate, 'medium', jsonb_build_object('extended_key_usage', to_jsonb(s.extended_key_usage))
FROM subject s
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca
  AND (s.extended_key_usage IS NULL OR NOT 'serverAuth' = ANY (s.extended_key_usage)
       OR s.extended_key_usage && ARRAY['codeSigning', 'emailProtection', 'timeStamping', 'OCSPSigning', 'anyExtendedKeyUsage'])
