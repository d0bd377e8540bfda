-- title: Valid for longer than the policy allows in private PKI
-- version: 1
-- severity: medium
-- source: policy: max_validity_days_private
-- next step: Ask the private CA for a shorter-lived certificate at the next renewal.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C04', f.certificate, 'medium',
       jsonb_build_object('days', ceil(life.seconds / 86400), 'limit_days', j.private_days)
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
CROSS JOIN LATERAL (SELECT extract(epoch FROM f.not_after - f.not_before) + 1 AS seconds) life
WHERE s.is_leaf AND NOT s.is_public AND NOT f.is_ca AND life.seconds > j.private_days * 86400.0
