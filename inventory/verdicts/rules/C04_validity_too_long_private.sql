-- title: Valid for longer than the policy allows in private PKI
-- version: 1
-- severity: medium
-- applies to: server, client, unknown
-- needs: private
-- source: policy: max_validity_days_private
-- next step: Ask the private CA for a shorter-lived certificate at the next renewal.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C04', s.certificate, 'medium',
       jsonb_build_object('days', ceil(life.seconds / 86400), 'limit_days', j.private_days)
FROM judging j, subject s
CROSS JOIN LATERAL (SELECT extract(epoch FROM s.life) + 1 AS seconds) life
WHERE s.is_leaf AND NOT s.is_public AND NOT s.is_ca
  AND s.life > make_interval(days => j.private_days) - interval '1 second'
