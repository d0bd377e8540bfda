-- The latest runs: what was asked and what came back. $1 site or NULL, $2 runs at most. Columns: day, site, kind, targets, state,
-- asked, answered, refused, silent, not finished, runs in all.
SELECT (s.started_at AT TIME ZONE z.zone)::date AS day, st.name AS site, CASE s.kind WHEN 1 THEN 'scan' WHEN 2 THEN 'capture' WHEN 3 THEN 'files' ELSE 'import' END AS kind,
       plan_targets(s.plan) AS targets, CASE WHEN s.finished_at IS NULL THEN 'not finished' ELSE 'finished' END AS state,
       coalesce(sum(o.count), 0)::bigint AS asked,
       coalesce(sum(o.count) FILTER (WHERE oc.is_answer), 0)::bigint AS answered,
       coalesce(sum(o.count) FILTER (WHERE oc.name = 'refused'), 0)::bigint AS refused,
       coalesce(sum(o.count) FILTER (WHERE oc.name IN ('unreachable', 'timeout_connect')), 0)::bigint AS silent,
       coalesce(sum(o.count) FILTER (WHERE oc.name IN ('dns_failed', 'excluded', 'out_of_scope', 'aborted')), 0)::bigint AS unasked,
       count(*) OVER () AS runs
FROM scan s
CROSS JOIN due_setting z
JOIN site st ON st.id = s.site
LEFT JOIN scan_outcome o ON o.scan = s.id
LEFT JOIN outcome oc ON oc.id = o.outcome
WHERE ($1::text IS NULL OR st.name = $1) AND s.started_at <= (SELECT until FROM report_until)
GROUP BY s.id, st.name, z.zone
ORDER BY s.started_at DESC, s.id DESC
LIMIT $2::bigint
