-- title: Little of its life is left: renew it
-- version: 5
-- severity: medium
-- applies to: any
-- source: policy: share_of_life_percent (fixed steps say nothing about certificates of 47 or 6 days)
-- next step: Renew it in time for the CA to issue it, and install the new one before the end. Where a program renews it, see that it does.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
WITH share AS MATERIALIZED (            -- each share, with the lives that have reached it and not yet the next smaller one
    SELECT n AS percent, (n / 100.0)::float8 AS part, (lag(n) OVER (ORDER BY n) / 100.0)::float8 AS next_part, j.as_of,
           (j.shares[1] / 100.0)::float8 AS first_part, make_interval(days => j.steps[1]) AS first_step
    FROM judging j CROSS JOIN LATERAL (SELECT DISTINCT n FROM unnest(j.shares) n) n
)
SELECT 'C07', s.certificate,
       CASE WHEN share.percent <= 10 THEN 'high' WHEN share.percent <= 20 THEN 'medium' ELSE 'low' END,
       jsonb_build_object('share_percent', share.percent, 'not_after', s.not_after),
       coalesce(s.not_after - s.life * share.next_part, s.not_after + interval '1 second')
FROM share
-- All others have the policy's steps in days (C06).
JOIN subject s ON (s.is_leaf OR s.is_filed) AND s.not_after > share.as_of - interval '1 second' AND share.first_step > s.life * share.first_part
     AND share.as_of >= s.not_after - s.life * share.part
     AND (share.next_part IS NULL OR share.as_of < s.not_after - s.life * share.next_part)
