-- title: A common name is not among the subject alternative names
-- version: 2
-- severity: medium
-- applies to: server, unknown
-- needs: public
-- source: BR 7.1.4.3
-- next step: Ask for a certificate whose names are all subject alternative names.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C10', s.certificate, 'medium', jsonb_build_object('common_name', min(c.name))
FROM subject s JOIN certificate_facts f USING (certificate), unnest(f.common_names) AS c (name)
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca AND s.has_subject_alt_names AND NOT lower(c.name) = ANY (f.name_set)
GROUP BY s.certificate
