-- What was decided about certificates, by whom, why and until when? $1 filter ("decision": of this kind), $2 rows or NULL, $3 and $4 column
-- to sort by, up and down, $5 certificates that can be wanted or NULL. In force first, the next to end first. As of another day: those made until
-- then, as they stood.
WITH page AS MATERIALIZED (
    SELECT d.*, d.undone_at <= u.until AS is_undone, n.certificate
    FROM report_until u CROSS JOIN decision d LEFT JOIN certificate_now n ON n.sha256 = d.sha256
    WHERE d.made_at <= u.until AND ($1::jsonb->>'decision' IS NULL OR d.kind = $1::jsonb->>'decision')
      AND ($1::jsonb - 'decision' = '{}' OR n.certificate IN (SELECT w.certificate FROM certificates_wanted($1::jsonb, $5::bigint[]) w))
)
SELECT * FROM (
SELECT d.kind AS decision, CASE WHEN d.is_undone THEN 'undone' WHEN d.until <= r.as_of THEN 'ended' ELSE 'in force' END AS state, n.name, placed.places, o.owner,
       concat_ws(': ', d.rule || ' alone', d.reason) AS reason, d.who AS decided_by, d.made_at,
           decision_last_day(d.until)::timestamp AT TIME ZONE 'UTC' AS last_day, d.until, CASE WHEN d.until > r.as_of
           THEN days_between(r.as_of, d.until) END AS days_left,
       CASE WHEN d.is_undone THEN d.undone_at END AS undone_at, CASE WHEN d.is_undone THEN d.undone_by END AS undone_by, df.text AS decided_for,
       sev.name AS severity, n.not_after, encode(d.sha256, 'hex') AS sha256,
       CASE WHEN d.is_undone THEN to_char(d.undone_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || coalesce(' by ' || nullif(d.undone_by, ''), '')
           || coalesce(': ' || d.undone_reason, '') END AS undone, CASE WHEN d.is_undone THEN d.undone_reason END AS undone_reason, d.id
FROM page d
CROSS JOIN report_as_of r
LEFT JOIN certificate_now n USING (certificate)
LEFT JOIN certificate_places(ARRAY(SELECT DISTINCT certificate FROM page), $1::jsonb) placed USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN decision_filter df ON df.id = d.filter
LEFT JOIN severity sev ON sev.rank = n.severity_rank
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, state <> 'in force', until NULLS LAST, id LIMIT $2::bigint
