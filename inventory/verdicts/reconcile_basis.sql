-- The basis of a run, beside the facts: policy, rules ($1: their hash), rule book, whether places name their sites (site_naming), whether there is a
-- managed source.
-- $2 now, or the moment of a replay ($3 true): then the policy that was in force, if there was one.
-- If it differs from the basis of the last run, everything is judged again. Columns: policy, basis, basis of the last run,
-- whether something has changed since it or is due by now.
SELECT p.id, now.basis, last.basis,
       EXISTS (SELECT FROM dirty)
       OR EXISTS (SELECT FROM certificate_now WHERE next_change_at <= $2::timestamptz)
       OR EXISTS (SELECT FROM record_judged WHERE next_change_at <= $2::timestamptz)
       OR EXISTS (SELECT FROM finding WHERE next_change_at <= $2::timestamptz AND endpoint <> 0)
       OR EXISTS (SELECT FROM endpoint_judged WHERE stale_at <= $2::timestamptz)
       OR (last.as_of AT TIME ZONE p.zone)::date IS DISTINCT FROM ($2::timestamptz AT TIME ZONE p.zone)::date AS changed     -- last safe days are nearer
FROM (SELECT p.*, coalesce(nullif(p.document ->> 'zone', ''), 'UTC') AS zone FROM policy p JOIN policy_use u ON u.policy = p.id
      ORDER BY $3::boolean AND u.used_from > $2::timestamptz, u.used_from DESC LIMIT 1) p
CROSS JOIN LATERAL (
    SELECT 'policy ' || p.id || ' ' || md5(p.document::text) || ' rules ' || $1
           || ' owners ' || coalesce((SELECT max(id) FROM owner_import), 0)
           || CASE WHEN EXISTS (SELECT FROM site WHERE name <> 'default') THEN ' sites named' ELSE '' END
           || ' managed ' || EXISTS (SELECT FROM managed_import) AS basis) now
LEFT JOIN LATERAL (
    SELECT r.basis, r.as_of FROM reconcile_run r WHERE NOT r.is_replay ORDER BY r.id DESC LIMIT 1) last ON true
