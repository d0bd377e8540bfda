-- title: Self-signed
-- version: 3
-- severity: medium
-- applies to: server, client, ca, unknown
-- source: SSL Labs rating guide 2009k (T); OTech guideline
-- next step: Replace it with a certificate of your own or an approved CA; nobody can tell it from an impostor's.
-- One that says it is a CA, as OpenSSL makes them unless told otherwise, is no better as a server's (C15). High where it
-- speaks for a name of the public zone, which a public CA would certify.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C14', s.certificate,
       CASE WHEN EXISTS (SELECT FROM unnest(f.dns_names) n WHERE n LIKE '%.%' AND NOT 'internal name: ' || n = ANY (o.name_faults)) THEN 'high' ELSE 'medium' END,
       jsonb_build_object('subject', f.subject)
FROM judging j, subject s JOIN certificate_facts f USING (certificate) JOIN certificate_own o USING (certificate)
WHERE j.self_signed_forbidden AND s.is_leaf AND s.is_self_signed
