-- now_count has the subject 'deployed' too: endpoints by what they serve, each once, as the list of endpoints has them. reconcile_count_part.sql
-- keeps it; here it is counted for inventories that were judged before.
INSERT INTO now_count (site, subject, value, count)
SELECT s.site, 'deployed', j.deployment, count(*)
FROM (SELECT DISTINCT site, endpoint, deployment FROM endpoint_judged) j
CROSS JOIN LATERAL (VALUES (0::bigint), (j.site)) s (site)
GROUP BY s.site, j.deployment;
