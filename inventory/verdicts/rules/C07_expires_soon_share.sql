-- title: Little of its life is left: renew it
-- version: 4
-- severity: medium
-- applies to: any
-- source: policy: share_of_life_percent (fixed steps say nothing about certificates of 47 or 6 days)
-- next step: Renew it in time for the CA to issue it, and install the new one before the end. Where a program renews it, see that it does.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C07', s.certificate,
       CASE WHEN share.percent <= 10 THEN 'high' WHEN share.percent <= 20 THEN 'medium' ELSE 'low' END,
       jsonb_build_object('share_percent', share.percent, 'not_after', s.not_after),
       coalesce(s.not_after - s.life * ((SELECT max(n) FROM unnest(j.shares) n WHERE n < share.percent) / 100.0)::float8,
                s.not_after + interval '1 second')
FROM judging j
JOIN subject s ON s.is_leaf AND s.not_after > j.as_of - interval '1 second'
     AND j.as_of >= s.not_after - s.life * (j.shares[1] / 100.0)::float8
     AND make_interval(days => j.steps[1]) > s.life * (j.shares[1] / 100.0)::float8
JOIN LATERAL (
    SELECT min(n) AS percent FROM unnest(j.shares) n
    WHERE j.as_of >= s.not_after - s.life * (n / 100.0)::float8) share ON share.percent IS NOT NULL
