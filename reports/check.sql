-- The numbers of a monitoring check. $1 filter, $2 days that are critical, $3 days that are a warning. One row: certificates that are served
-- and have ended, that end within either, that are in no managed source, critical and high findings, but for those about what is over and served
-- nowhere; seconds since the last run (NULL: never judged); certificates that are served, and served ones of which it is unknown whether they are
-- managed; where nothing is served, how many certificates are known there, served before included, and how many of these are over and served nowhere;
-- whether nobody's were asked for; whether something that was loaded is not judged yet; what the verdicts are older than (judged_before(); NULL: nothing).
WITH mine AS MATERIALIZED (
    SELECT n.certificate, n.ends_at, n.record FROM certificates_wanted($1::jsonb, NULL) n WHERE n.is_leaf AND n.place_count > 0
), place AS MATERIALIZED (              -- where it was looked, of a filter by place
    SELECT w.endpoint FROM (SELECT jsonb_object_agg(key, value) AS filter FROM jsonb_each($1::jsonb) WHERE key IN ('site', 'network', 'port')) f
    CROSS JOIN LATERAL endpoints_wanted(f.filter, NULL) w
    WHERE f.filter IS NOT NULL AND NOT EXISTS (SELECT FROM mine)
), theirs AS MATERIALIZED (             -- and of an owner the places in the ranges of the rules: who owned a place is not kept when it is gone
    SELECT e.id AS endpoint
    FROM owner_rule_current r
    JOIN endpoint e ON e.address >= r.first_address AND e.address <= r.last_address
        AND (r.site IS NULL OR e.site = (SELECT s.id FROM site s WHERE s.name = r.site))
    WHERE lower(r.owner) = lower($1::jsonb->>'owner') AND NOT EXISTS (SELECT FROM mine)
      AND (NOT $1::jsonb ?| '{site,network,port}' OR e.id IN (SELECT endpoint FROM place))
), shown AS MATERIALIZED (              -- what they showed last is of no place any more
    SELECT DISTINCT ON (s.endpoint) c.leaf, s.endpoint IN (SELECT endpoint FROM theirs) AS is_theirs
    FROM answer_span s JOIN chain c ON c.id = s.chain
    WHERE s.endpoint IN (SELECT endpoint FROM place UNION ALL SELECT endpoint FROM theirs) AND s.role = 1 ORDER BY s.endpoint, s.from_at DESC
), unseen AS MATERIALIZED (
    SELECT count(*) AS known, count(*) FILTER (WHERE u.is_over) AS over
    FROM (SELECT n.certificate, is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) AS is_over
          FROM certificates_wanted($1::jsonb, NULL) n WHERE n.is_leaf AND NOT EXISTS (SELECT FROM mine)
          UNION
          SELECT n.certificate, is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
          FROM certificates_wanted($1::jsonb - '{site,network,port}'::text[], NULL) n
          WHERE n.is_leaf AND EXISTS (SELECT FROM place) AND n.certificate IN (SELECT leaf FROM shown)
          UNION
          SELECT n.certificate, is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
          FROM certificates_wanted($1::jsonb - '{site,network,port,owner}'::text[], NULL) n
          WHERE n.is_leaf AND EXISTS (SELECT FROM theirs) AND n.certificate IN (SELECT leaf FROM shown WHERE is_theirs)) u
), grave AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE f.severity_rank = 1) AS critical, count(*) FILTER (WHERE f.severity_rank = 2) AS high
    FROM findings_asking($1::jsonb || '{"severity": ["critical", "high"]}') f
)
SELECT count(*) FILTER (WHERE m.ends_at < r.as_of) AS ended,
       count(*) FILTER (WHERE m.ends_at >= r.as_of AND m.ends_at < r.as_of + make_interval(days => $2::integer)) AS soon,
       count(*) FILTER (WHERE m.ends_at >= r.as_of AND m.ends_at < r.as_of + make_interval(days => $3::integer)) AS later,
       count(*) FILTER (WHERE m.record = 'unmanaged') AS unmanaged,
       (SELECT critical FROM grave) AS critical,
       (SELECT high FROM grave) AS high,
       (SELECT floor(date_part('epoch', now() - as_of))::bigint FROM reconcile_run WHERE NOT is_replay ORDER BY id DESC LIMIT 1) AS age,
       count(m.certificate) AS served,
       count(*) FILTER (WHERE m.record = 'not judged') AS unjudged,
       (SELECT known FROM unseen) AS known,
       (SELECT over FROM unseen) AS over,
       ($1::jsonb->>'owner' IS NOT DISTINCT FROM '')::integer AS is_of_nobody,
       EXISTS (SELECT FROM dirty)::integer AS waiting,
       (SELECT * FROM judged_before()) AS before
FROM report_as_of r LEFT JOIN mine m ON true
GROUP BY r.as_of
