-- title: No subject alternative name
-- version: 1
-- severity: high
-- source: BR 7.1.2.7.12; RFC 9525, 2
-- next step: Ask for a certificate that names its hosts as subject alternative names; the common name is not read any more.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C09', s.certificate, 'high', jsonb_build_object('common_name', s.common_name)
FROM subject s
WHERE s.is_leaf AND NOT s.is_ca AND NOT s.has_subject_alt_names AND NOT s.is_unreadable
