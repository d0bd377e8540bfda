-- title: Expires soon (notice steps in days)
-- version: 1
-- severity: medium
-- source: policy: notice_days
-- next step: Renew it and install the new one before the end; ask no later than the CA's lead time requires.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C06', f.certificate,
       CASE WHEN step.days <= 7 THEN 'high' WHEN step.days <= 30 THEN 'medium' WHEN step.days <= 60 THEN 'low'
            ELSE 'info' END,
       jsonb_build_object('step_days', step.days, 'not_after', f.not_after,
           'days_left', floor(extract(epoch FROM f.not_after - j.as_of) / 86400)),
       coalesce(f.not_after - make_interval(days => (SELECT max(n) FROM unnest(j.steps) n WHERE n < step.days)),
                f.not_after + interval '1 second')
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
-- Steps longer than the first share of its life are none: a certificate of 47 days is not "expiring" all its life.
JOIN LATERAL (
    SELECT min(n) AS days FROM unnest(j.steps) n
    WHERE j.as_of >= f.not_after - make_interval(days => n)
      AND make_interval(days => n) <= (f.not_after - f.not_before) * (j.shares[1] / 100.0)::float8) step ON step.days IS NOT NULL
WHERE s.is_leaf AND j.as_of < f.not_after + interval '1 second'
