-- The facts in the head of the document. $1 site or NULL
WITH run AS MATERIALIZED (
    SELECT s.id, coalesce(s.first_at, s.started_at) AS started_at, coalesce(s.last_at, s.started_at) AS last_at, s.space_size
    FROM scan s JOIN site st ON st.id = s.site CROSS JOIN report_until u
    WHERE ($1::text IS NULL OR st.name = $1) AND s.started_at <= u.until
)
SELECT (SELECT as_of AT TIME ZONE 'UTC' FROM report_as_of) AS as_of,
       (SELECT today FROM report_today) AS as_of_day,
       z.zone,
       (SELECT min(started_at AT TIME ZONE z.zone)::date FROM run) AS first_day,
       (SELECT max(last_at AT TIME ZONE z.zone)::date FROM run) AS last_day,
       (SELECT r.today - max(run.last_at AT TIME ZONE z.zone)::date FROM run, report_today r GROUP BY r.today) AS quiet_days,
       (SELECT count(*) FROM run) AS runs,
       (SELECT count(*) FROM site WHERE $1::text IS NULL OR name = $1) AS sites,
       (SELECT coalesce(name, '') FROM policy_judged) AS policy,
       (SELECT (loaded_at AT TIME ZONE z.zone)::date FROM policy_judged) AS policy_day,
       (SELECT regexp_replace(file, '^.*/', '') FROM owner_import_judged) AS owner_rules,
       (SELECT (imported_at AT TIME ZONE z.zone)::date FROM owner_import_judged) AS owner_rules_day,
       (SELECT count(*) FROM rule) AS rules,
       (SELECT count(*) FROM managed_source) AS sources,
       (SELECT count(*) FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL) AS judged
FROM due_setting z
