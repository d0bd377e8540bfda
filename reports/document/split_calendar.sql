-- Brings calendar_event up to the findings of the owner that the document is filled with. $1 owner, $2 site (''
-- all), $3 contact for questions or NULL. An event that is settled, or now belongs to another owner, is
-- cancelled. Never as of another day.
WITH item AS MATERIALIZED (
    SELECT f.subject, min(f.act_by) AS day, min(f.severity_rank) AS rank,
           string_agg(DISTINCT f.rule || ' ' || ru.title || ': ' || CASE WHEN f.rule IN ('C05', 'C06', 'C07', 'renewal') THEN coalesce(nx.what, ru.next_step) ELSE ru.next_step END, E'\n') AS rules
    FROM document_finding f JOIN document_rule ru ON ru.id = f.rule LEFT JOIN document_next nx ON nx.certificate = f.subject WHERE f.act_by IS NOT NULL GROUP BY f.subject
), event AS MATERIALIZED (
    SELECT left(encode(sha256(convert_to($1 || E'\n' || $2 || E'\n' || coalesce(encode(n.sha256, 'hex'), e.key::text), 'UTF8')), 'hex'), 40)
               || '@certsweep' AS uid,
           i.day, 'Certificate due: ' || coalesce(n.name, place_text(e.address, e.port, e.server_name)) AS summary,
           i.rules || coalesce(E'\nQuestions: ' || $3, '') AS description
    FROM item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
), kept AS (
    INSERT INTO calendar_event AS o (uid, owner, site, day, summary, description, changed_at)
    SELECT uid, $1, $2, day, summary, description, least(r.as_of, now()) FROM event CROSS JOIN report_as_of r
    ON CONFLICT (uid) DO UPDATE SET day = excluded.day, summary = excluded.summary, description = excluded.description,
        sequence = o.sequence + 1, is_cancelled = false, changed_at = excluded.changed_at
    WHERE (o.day, o.summary, o.description, o.is_cancelled) IS DISTINCT FROM (excluded.day, excluded.summary, excluded.description, false)
)
UPDATE calendar_event o SET is_cancelled = true, sequence = o.sequence + 1, changed_at = least(r.as_of, now())
FROM report_as_of r
WHERE o.owner = $1 AND o.site = $2 AND NOT o.is_cancelled AND NOT EXISTS (SELECT FROM event WHERE event.uid = o.uid)
