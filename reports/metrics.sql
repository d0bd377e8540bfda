-- Every number that reconcile keeps, for Prometheus; deployment by places, as the summary has it, not by certificates at places. Columns:
-- site ('' all of them), subject, value, count; then two rows without a value: the moment of the last run in
-- seconds (subject 'judged'), and whether the verdicts are older than what is in use (subject 'outdated', 1 or 0).
SELECT coalesce(s.name, '') AS site, CASE n.subject WHEN 'deployed' THEN 'deployment' ELSE n.subject END AS subject, n.value, n.count
FROM now_count n LEFT JOIN site s ON s.id = n.site
WHERE (n.site = 0 OR s.id IS NOT NULL) AND n.subject NOT IN ('authority', 'of all owners', 'deployment')
UNION ALL
SELECT '', 'judged', '', floor(date_part('epoch', as_of))::bigint
FROM (SELECT as_of FROM reconcile_run WHERE NOT is_replay ORDER BY id DESC LIMIT 1) r
UNION ALL
SELECT '', 'outdated', '', (b.before IS NOT NULL)::integer FROM judged_before() b (before)
ORDER BY 1, 2, 3
