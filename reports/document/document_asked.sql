-- What the latest finished scans asked: of each site and its targets and ports the last one, within four weeks before the site's latest. $1
-- site or NULL. Columns: asked, answered, places not asked what else they accept.
WITH latest AS (
    SELECT DISTINCT ON (s.site, s.targets, s.ports) s.id
    FROM (SELECT s.id, s.site, s.started_at, plan_member(s.plan, 'targets') AS targets, plan_member(s.plan, 'ports') AS ports,
                 max(s.started_at) OVER (PARTITION BY s.site) AS latest_at
          FROM scan s JOIN site st ON st.id = s.site CROSS JOIN report_until u
          WHERE s.started_at <= u.until AND s.kind = 1 AND s.finished_at IS NOT NULL AND ($1::text IS NULL OR st.name = $1)) s
    WHERE s.started_at > s.latest_at - interval '28 days'
    ORDER BY s.site, s.targets, s.ports, s.started_at DESC
)
SELECT coalesce(sum(o.count), 0)::bigint, coalesce(sum(o.count) FILTER (WHERE oc.is_answer), 0)::bigint,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p
        WHERE p.endpoint <> 0 AND NOT EXISTS (SELECT FROM posture t WHERE t.endpoint = p.endpoint))
FROM latest JOIN scan_outcome o ON o.scan = latest.id JOIN outcome oc ON oc.id = o.outcome
