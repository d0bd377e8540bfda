-- What the latest finished scans asked: of each site and its targets and ports the last one, within four weeks before the site's latest. $1
-- site or NULL. Each place counts once: a run within the space of another one is left out, and of names each counts once. Columns: asked,
-- answered, places not asked what else they accept, whether spaces overlap otherwise (or are too many to tell), so that places count twice.
WITH latest AS MATERIALIZED (
    SELECT DISTINCT ON (s.site, s.targets, s.ports) s.id, s.site, s.space, s.started_at, s.space <> '' AND s.site_lines < 1000 AS is_read
    FROM (SELECT s.id, s.site, s.space, s.started_at, plan_member(s.plan, 'targets') AS targets, plan_member(s.plan, 'ports') AS ports,
                 max(s.started_at) OVER (PARTITION BY s.site) AS latest_at,
                 sum(length(s.space) - length(replace(s.space, E'\n', ''))) OVER (PARTITION BY s.site) AS site_lines
          FROM scan s JOIN site st ON st.id = s.site CROSS JOIN report_until u
          WHERE s.started_at <= u.until AND s.kind = 1 AND s.finished_at IS NOT NULL AND ($1::text IS NULL OR st.name = $1)) s
    WHERE s.started_at > s.latest_at - interval '28 days'
    ORDER BY s.site, s.targets, s.ports, s.started_at DESC
), span AS MATERIALIZED (
    SELECT l.id, l.site, r.* FROM latest l CROSS JOIN LATERAL space_ranges(l.space) r WHERE l.is_read
), within AS MATERIALIZED (             -- is all that a asked in what b asked?
    SELECT a.id AS a, b.id AS b
    FROM latest a JOIN latest b ON b.site = a.site AND b.id <> a.id
    WHERE (a.space <> '' AND a.space = b.space)
       OR (a.is_read AND b.is_read AND EXISTS (SELECT FROM span x WHERE x.id = a.id)
           AND NOT EXISTS (SELECT FROM span x WHERE x.id = a.id
                           AND NOT EXISTS (SELECT FROM span y WHERE y.id = b.id AND y.first <= x.first AND y.last >= x.last AND y.ports @> x.ports)))
), kept AS MATERIALIZED (
    SELECT l.* FROM latest l
    WHERE NOT EXISTS (SELECT FROM within w JOIN latest o ON o.id = w.b
                      WHERE w.a = l.id AND (NOT EXISTS (SELECT FROM within v WHERE v.a = w.b AND v.b = w.a) OR (o.started_at, o.id) > (l.started_at, l.id)))
), named AS MATERIALIZED (
    SELECT DISTINCT l.site, lower(n.name) AS name FROM latest l JOIN name_asked n ON n.scan = l.id
)
SELECT x.asked + n.asked, x.answered + n.answered,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p
        WHERE p.endpoint <> 0 AND p.is_theirs AND NOT EXISTS (SELECT FROM posture t WHERE t.endpoint = p.endpoint)),
       EXISTS (SELECT FROM kept a JOIN kept b ON b.site = a.site AND b.id > a.id
               WHERE a.space <> '' AND b.space <> ''
                 AND (NOT a.is_read OR EXISTS (SELECT FROM span x JOIN span y ON y.id = b.id AND y.first <= x.last AND y.last >= x.first AND y.ports && x.ports
                                               WHERE x.id = a.id)))
FROM (SELECT coalesce(sum(o.count), 0)::bigint AS asked, coalesce(sum(o.count) FILTER (WHERE oc.is_answer), 0)::bigint AS answered
      FROM kept JOIN scan_outcome o ON o.scan = kept.id JOIN outcome oc ON oc.id = o.outcome) x
CROSS JOIN (SELECT count(*) AS asked, count(*) FILTER (WHERE EXISTS (SELECT FROM endpoint e WHERE e.site = n.site AND lower(e.server_name) = n.name)) AS answered
            FROM named n) n
