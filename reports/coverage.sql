-- What did each run ask, on whose authority, and how did the attempts end? What was not asked is unknown. $1 filter: site; network and port
-- by the run's ranges (a run without ranges, of names or a capture, may have asked there, and stays); name by the names that it asked;
-- "older": only what was last asked so many days ago or longer, the latest run of each site and plan. $2 rows or NULL, $3 and $4 column to
-- sort by, up and down. The latest first; runs dated in the future last.
WITH counted AS MATERIALIZED (
    SELECT s.scan, sum(s.count) AS asked, coalesce(sum(s.count) FILTER (WHERE o.is_answer), 0) AS answered,
           coalesce(sum(s.count) FILTER (WHERE o.name IN ('timeout_connect', 'unreachable')), 0) AS silent,
           coalesce(sum(s.count) FILTER (WHERE o.name IN ('dns_failed', 'excluded', 'out_of_scope', 'aborted')), 0) AS unasked,
           string_agg(o.name || ' ' || s.count, E'\n' ORDER BY s.count DESC, o.name) AS outcomes
    FROM scan_outcome s JOIN outcome o ON o.id = s.outcome
    GROUP BY s.scan
), run AS MATERIALIZED (
    SELECT s.*, CASE WHEN s.kind = 2 THEN coalesce(plan_member(s.plan, 'file'), plan_member(s.plan, 'interface'))
                     ELSE concat_ws(E'\n', plan_member(s.plan, 'targets'),
                                    ports_asked(s.plan, s.space, EXISTS (SELECT FROM name_asked a WHERE a.scan = s.id))) END AS asked_for,
           concat_ws(E'\n', plan_member(s.plan, 'targets'), plan_member(s.plan, 'ports')) AS of_plan,
           coalesce(least(s.last_at, s.clock_limit), s.started_at) AS ended_at
    FROM scan s
    WHERE s.started_at <= (SELECT until FROM report_until)
      AND (NOT $1::jsonb ?| '{network,port}'
           OR CASE WHEN s.space <> '' THEN space_holds(s.space, ($1::jsonb->>'network')::inet, ($1::jsonb->>'port')::integer) ELSE s.kind <> 3 END)
      AND ($1::jsonb->>'name' IS NULL
           OR s.id IN (SELECT a.scan FROM name_asked a WHERE lower(a.name) LIKE glob_like(lower($1::jsonb->>'name'))))
), latest AS MATERIALIZED (
    SELECT DISTINCT ON (r.site, r.kind, r.of_plan) r.id FROM run r
    WHERE $1::jsonb ? 'older' ORDER BY r.site, r.kind, r.of_plan, r.ended_at DESC, r.id DESC
)
SELECT * FROM (
SELECT st.name AS site, CASE s.kind WHEN 1 THEN 'scan' WHEN 2 THEN 'capture' WHEN 3 THEN 'files' ELSE 'import' END AS run_kind,
       s.started_at,
       CASE WHEN s.kind = 2 AND EXISTS (SELECT FROM bundle b JOIN bundle o ON o.told_sha256 = b.told_sha256 AND o.id < b.id
                                                         JOIN scan os ON os.id = o.scan AND os.site = s.site
                                        WHERE b.scan = s.id) THEN 'loaded before'
            WHEN s.finished_at IS NULL THEN 'not finished' ELSE 'finished' END
           || CASE WHEN s.started_at > s.clock_limit THEN ', clock ahead' ELSE '' END AS state,
       s.asked_for, plan_member(s.plan, 'exclusions') AS excluded,
       btrim(substring(plan_member(s.plan, 'scope') FROM '(?n)^\s*authori[sz]ed-by\s*=\s*(.*)$')) AS authorised_by,
       s.space_size AS targets, coalesce(c.asked, 0) AS asked, coalesce(c.answered, 0) AS answered, coalesce(c.silent, 0) AS silent,
       greatest(CASE WHEN s.kind = 1 THEN s.space_size - coalesce(c.asked, 0) END, 0) + coalesce(c.unasked, 0) AS not_asked,
       days_between(s.ended_at, r.as_of) AS days_ago, c.outcomes, s.last_at AS ended_at, s.scan_id, s.id
FROM run s
JOIN site st ON st.id = s.site
CROSS JOIN report_as_of r
LEFT JOIN counted c ON c.scan = s.id
WHERE ($1::jsonb->>'site' IS NULL OR st.name = $1::jsonb->>'site')
  AND (NOT $1::jsonb ? 'older' OR (s.id IN (SELECT id FROM latest) AND days_between(s.ended_at, r.as_of) >= ($1::jsonb->>'older')::integer))
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, state LIKE '%, clock ahead', started_at DESC, id DESC LIMIT $2::bigint
