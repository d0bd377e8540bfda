-- title: Self-signed
-- version: 1
-- severity: medium
-- applies to: server, client, unknown
-- source: SSL Labs rating guide 2009k (T); OTech guideline
-- next step: Replace it with a certificate of your own or an approved CA; nobody can tell it from an impostor's.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C14', s.certificate, 'medium', jsonb_build_object('subject', f.subject)
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
WHERE j.self_signed_forbidden AND s.is_leaf AND s.is_self_signed
