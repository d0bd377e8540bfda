-- title: Common name is not among the subject alternative names
-- version: 1
-- severity: medium
-- source: BR 7.1.4.3
-- next step: Ask for a certificate whose names are all subject alternative names.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C10', f.certificate, 'medium', jsonb_build_object('common_name', f.common_name)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND s.is_public AND NOT f.is_ca AND f.has_subject_alt_names
  AND NOT lower(f.common_name) = ANY (f.name_set)
