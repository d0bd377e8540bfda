-- title: More names than the policy allows in one certificate
-- version: 1
-- severity: low
-- source: policy: max_names (100 in the OTech guideline)
-- next step: Split it by service, so that one renewal does not touch them all.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C13', f.certificate, 'low', jsonb_build_object('names', cardinality(f.name_set) + f.names_omitted, 'maximum', j.max_names)
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND cardinality(f.name_set) > j.max_names
