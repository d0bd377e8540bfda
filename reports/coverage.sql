-- Which targets did each run ask, and how did the attempts end? What was not asked is unknown. $1 site or NULL, $2 rows or NULL
SELECT st.name AS site, s.started_at, CASE WHEN s.finished_at IS NULL THEN 'not finished' ELSE 'finished' END AS state,
       s.space_size AS targets, coalesce(sum(o.count), 0) AS asked,
       string_agg(outcome.name || ' ' || o.count, E'\n' ORDER BY o.count DESC) AS outcomes,
       s.scan_id
FROM scan s
JOIN site st ON st.id = s.site
LEFT JOIN scan_outcome o ON o.scan = s.id
LEFT JOIN outcome ON outcome.id = o.outcome
WHERE $1::text IS NULL OR st.name = $1
GROUP BY s.id, st.name
ORDER BY s.started_at DESC
LIMIT coalesce($2::bigint, 50)
