-- title: Ends soon: renew it
-- version: 5
-- severity: medium
-- applies to: any
-- source: policy: notice_days
-- next step: Renew it in time for the CA to issue it, and install the new one before the end. Where a program renews it, see that it does.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
WITH step AS MATERIALIZED (             -- each step, with the ends that have reached it and not yet the next shorter one
    SELECT n AS days, make_interval(days => lag(n) OVER w) AS next_span, j.as_of + make_interval(days => n) AS to_at,
           j.as_of + coalesce(make_interval(days => lag(n) OVER w), interval '-1 second') AS from_at, (j.shares[1] / 100.0)::float8 AS share,
           make_interval(days => j.steps[1]) AS first_span
    FROM judging j CROSS JOIN LATERAL (SELECT DISTINCT n FROM unnest(j.steps) n) n
    WINDOW w AS (ORDER BY n)
)
SELECT 'C06', s.certificate,
       CASE WHEN step.days <= 7 THEN 'high' WHEN step.days <= 30 THEN 'medium' WHEN step.days <= 60 THEN 'low'
            ELSE 'info' END,
       jsonb_build_object('step_days', step.days, 'not_after', s.not_after),
       coalesce(s.not_after - step.next_span, s.not_after + interval '1 second')
FROM step
-- Where the first step is longer than the first share of its life, shares tell of its end (C07), and steps do not: a certificate of 47 days is not
-- "expiring" all its life, and the end of none is told twice.
JOIN subject s ON (s.is_leaf OR s.is_filed) AND s.not_after > step.from_at AND s.not_after <= step.to_at AND step.first_span <= s.life * step.share
