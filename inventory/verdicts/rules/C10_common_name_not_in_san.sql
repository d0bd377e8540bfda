-- title: Common name is not among the subject alternative names
-- version: 1
-- severity: medium
-- source: BR 7.1.4.3
-- next step: Ask for a certificate whose names are all subject alternative names.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C10', s.certificate, 'medium', jsonb_build_object('common_name', s.common_name)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca AND s.has_subject_alt_names AND s.common_name IS NOT NULL
  AND NOT lower(s.common_name) = ANY (f.name_set)
