-- title: Ends soon: renew it
-- version: 3
-- severity: medium
-- applies to: any
-- source: policy: notice_days
-- next step: Renew it in time for the CA to issue it, and install the new one before the end. Where a program renews it, see that it does.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C06', s.certificate,
       CASE WHEN step.days <= 7 THEN 'high' WHEN step.days <= 30 THEN 'medium' WHEN step.days <= 60 THEN 'low'
            ELSE 'info' END,
       jsonb_build_object('step_days', step.days, 'not_after', s.not_after),
       coalesce(s.not_after - make_interval(days => (SELECT max(n) FROM unnest(j.steps) n WHERE n < step.days)),
                s.not_after + interval '1 second')
FROM judging j
JOIN subject s ON s.is_leaf AND s.not_after > j.as_of - interval '1 second'
     AND s.not_after <= j.as_of + make_interval(days => j.steps[1])
-- Steps longer than the first share of its life are none: a certificate of 47 days is not "expiring" all its life.
JOIN LATERAL (
    SELECT min(n) AS days FROM unnest(j.steps) n
    WHERE j.as_of >= s.not_after - make_interval(days => n)
      AND make_interval(days => n) <= s.life * (j.shares[1] / 100.0)::float8) step ON step.days IS NOT NULL
