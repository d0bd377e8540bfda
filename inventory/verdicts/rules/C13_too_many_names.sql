-- title: More names than the policy allows in one certificate
-- version: 1
-- severity: low
-- applies to: server, unknown
-- source: policy: max_names (100 in the OTech guideline)
-- next step: Split it by service, so that one renewal does not touch them all.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C13', s.certificate, 'low', jsonb_build_object('names', s.name_count, 'maximum', j.max_names)
FROM judging j, subject s
WHERE s.is_leaf AND s.name_count > j.max_names
