-- title: Extended key usage does not fit a public server certificate
-- version: 4
-- severity: medium
-- applies to: server, unknown
-- needs: public
-- source: BR 7.1.2.7.10; Chrome Root Program 1.8, 4.2 (only serverAuth from 2027-03-15)
-- next step: Ask the CA for a certificate with serverAuth and nothing that does not belong to it.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C17', s.certificate, 'medium', jsonb_build_object('extended_key_usage', coalesce(to_jsonb(p.extended_key_usage), '[]'),
                                                            'expected', CASE WHEN s.not_before >= '2027-03-15 00:00:00+00' THEN 'serverAuth alone'
                                                                             ELSE 'serverAuth, and clientAuth at most' END)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca
  AND (p.extended_key_usage IS NULL OR NOT 'serverAuth' = ANY (p.extended_key_usage)
       OR p.extended_key_usage && ARRAY['codeSigning', 'emailProtection', 'timeStamping', 'OCSPSigning', 'anyExtendedKeyUsage']
       OR ('clientAuth' = ANY (p.extended_key_usage) AND s.not_before >= '2027-03-15 00:00:00+00'))
  -- Without a server's usage, one for mail or code is of its own kind, whatever else it may do.
  AND ('server' = ANY (p.kinds) OR NOT p.kinds && '{smime,code_signing,time_stamping,ocsp}')
