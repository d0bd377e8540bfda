-- The numbers of a monitoring check. $1 filter, $2 days that are critical, $3 days that are a warning. One row: certificates that are served
-- and have ended, that end within either, that are in no managed source, critical and high findings, but for those about what is over and served
-- nowhere; seconds since the last run (NULL: never judged); certificates that are served, and served ones of which it is unknown whether they are
-- managed; what the verdicts are older than (judged_before(); NULL: nothing).
WITH mine AS MATERIALIZED (
    SELECT n.certificate, n.ends_at, n.record FROM certificates_wanted($1::jsonb, NULL) n WHERE n.is_leaf AND n.place_count > 0
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
       (SELECT * FROM judged_before()) AS before
FROM report_as_of r LEFT JOIN mine m ON true
GROUP BY r.as_of
