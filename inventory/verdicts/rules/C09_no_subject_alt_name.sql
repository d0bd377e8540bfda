-- title: No host among the subject alternative names
-- version: 2
-- severity: high
-- applies to: server, unknown
-- source: BR 7.1.2.7.12; RFC 9525, 2
-- next step: Ask for a certificate that names its hosts as subject alternative names; the common name is not read any more.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C09', s.certificate, 'high', jsonb_build_object('common_name', s.common_name, 'extension', s.has_subject_alt_names)
FROM subject s JOIN profile p ON p.id = s.profile
WHERE s.is_leaf AND NOT s.is_ca AND s.names_key IS NULL AND NOT s.is_unreadable
  AND (NOT s.has_subject_alt_names OR p.kinds && '{server,unknown}')       -- a person's certificate names a mailbox
