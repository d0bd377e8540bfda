-- What the latest finished scan of each site asked. $1 site or NULL. Columns: asked, answered, places not asked what else they accept.
WITH latest AS (
    SELECT DISTINCT ON (s.site) s.id FROM scan s JOIN site st ON st.id = s.site
    WHERE s.kind = 1 AND s.finished_at IS NOT NULL AND ($1::text IS NULL OR st.name = $1) ORDER BY s.site, s.started_at DESC
)
SELECT coalesce(sum(o.count), 0)::bigint, coalesce(sum(o.count) FILTER (WHERE oc.is_answer), 0)::bigint,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p
        WHERE p.endpoint <> 0 AND NOT EXISTS (SELECT FROM posture t WHERE t.endpoint = p.endpoint))
FROM latest JOIN scan_outcome o ON o.scan = latest.id JOIN outcome oc ON oc.id = o.outcome
