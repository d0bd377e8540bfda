-- title: Expires soon (share of its life left)
-- version: 1
-- severity: medium
-- source: policy: share_of_life_percent (fixed steps say nothing about certificates of 47 or 6 days)
-- next step: Its automatic renewal should have run by now: look why it did not, and renew it.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C07', f.certificate,
       CASE WHEN share.percent <= 10 THEN 'high' WHEN share.percent <= 20 THEN 'medium' ELSE 'low' END,
       jsonb_build_object('share_percent', share.percent, 'not_after', f.not_after, 'days_left',
           floor(extract(epoch FROM f.not_after - j.as_of) / 86400)),
       coalesce(f.not_after - life * ((SELECT max(n) FROM unnest(j.shares) n WHERE n < share.percent) / 100.0)::float8,
                f.not_after + interval '1 second')
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
CROSS JOIN LATERAL (SELECT f.not_after - f.not_before AS life) y
JOIN LATERAL (
    SELECT min(n) AS percent FROM unnest(j.shares) n
    WHERE j.as_of >= f.not_after - life * (n / 100.0)::float8) share ON share.percent IS NOT NULL
WHERE s.is_leaf AND j.as_of < f.not_after + interval '1 second'
  AND make_interval(days => j.steps[1]) > life * (j.shares[1] / 100.0)::float8
