-- title: More names than the policy allows in one certificate
-- version: 2
-- severity: low
-- applies to: server, unknown
-- source: policy: max_names (100 in the OTech guideline)
-- next step: Split it by service, so that one renewal does not touch them all.
-- A limit of the service that issues them: of its own and managed certificates, where the policy says which these are.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C13', s.certificate, 'low', jsonb_build_object('names', s.name_count, 'maximum', j.max_names)
FROM judging j, axes a JOIN subject s USING (certificate)
WHERE s.is_leaf AND s.name_count > j.max_names AND (NOT j.has_own OR a.record = 'managed' OR a.issuer = 'own')
