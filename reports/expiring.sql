-- Which certificates must be renewed soon, or have ended, and by when? $1 filter ("expired": only those that have
-- ended, else those that have not; "status"), $2 rows or NULL, $3 and $4 column to sort by, up and down, $5 certificates that
-- can be wanted or NULL. By their end.
-- last_day_to_ask: by the policy's working days, and who installs it (renewal_term, which runs keep).
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.ends_at, x.sha256) AS ordinal FROM (
    SELECT n.certificate, n.sha256, n.name, n.time, n.not_after, n.record, n.issuer_name, n.owner_basis, n.ends_at,
           is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) AS is_over, kept_places(n.places, $1::jsonb) AS places
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    WHERE n.is_leaf AND n.time IN ('renewal due', 'expiring', 'expired') AND (n.time = 'expired') = ($1::jsonb ? 'expired')
      -- what has not ended ends after that: else all that have ended would be read first
      AND ($1::jsonb ? 'expired' OR n.ends_at >= (SELECT as_of FROM report_as_of) - interval '1 day')
      AND ($1::jsonb->>'status' IS NULL OR n.time = $1::jsonb->>'status')
      AND (NOT $1::jsonb ? 'after' OR (n.ends_at, n.sha256) > (($1::jsonb->'after'->>0)::timestamptz, decode($1::jsonb->'after'->>1, 'hex')))
    ORDER BY n.ends_at, n.sha256
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
)
SELECT * FROM (
SELECT n.time AS status, days_between(a.as_of, n.not_after) AS days_left, n.not_after,
       CASE WHEN NOT n.is_over THEN step.ask_by::timestamp AT TIME ZONE 'UTC' END AS last_day_to_ask,
       CASE WHEN step.ask_by < r.today AND step.what NOT LIKE 'None%' THEN 'LATE' END AS late,
       n.name, coalesce(n.places, placed.places) AS places, o.owner, array_to_string(o.contacts, E'\n') AS contacts, n.record, n.issuer_name AS issuer,
       step.what AS next_step, step.act_by,
       encode(n.sha256, 'hex') AS sha256, n.ordinal,
       CASE WHEN n.ordinal = $2::bigint - 1 THEN jsonb_build_array(n.ends_at, encode(n.sha256, 'hex')) END AS page_end
FROM page n
CROSS JOIN report_as_of a CROSS JOIN report_today r
LEFT JOIN certificate_places(ARRAY(SELECT certificate FROM page WHERE places IS NULL), $1::jsonb) placed USING (certificate)
LEFT JOIN next_steps(ARRAY(SELECT certificate FROM page)) step USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
