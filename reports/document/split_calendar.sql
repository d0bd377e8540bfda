-- Brings calendar_event up to the findings of the owner that the document is filled with. $1 owner, $2 site (''
-- all), $3 contact for questions or NULL. An event that is settled, or now belongs to another owner, is
-- cancelled. What is overdue stands on the day of the letter, and says since when. Of a day with more than twelve of them, those that the same
-- rules are about are one event together, overdue ones another than those that are not; it keeps its UID as long as the day has so many. Never as
-- of another day.
WITH item AS MATERIALIZED (
    SELECT f.subject, min(f.act_by) AS day, array_agg(DISTINCT f.rule ORDER BY f.rule) AS ids,
           string_agg(DISTINCT f.rule || ' ' || ru.title || ': ' || CASE WHEN f.rule IN ('C05', 'C06', 'C07', 'renewal') THEN coalesce(nx.what, ru.next_step) ELSE ru.next_step END, E'\n') AS rules
    FROM document_finding f JOIN document_rule ru ON ru.id = f.rule LEFT JOIN document_next nx ON nx.certificate = f.subject WHERE f.act_by IS NOT NULL GROUP BY f.subject
), named AS MATERIALIZED (
    SELECT i.*, d.shown, d.since, x.name, coalesce(encode(n.sha256, 'hex'), e.key::text) AS key,
           count(*) OVER (PARTITION BY d.shown) AS of_day, count(*) OVER same AS of_step, row_number() OVER (same ORDER BY x.name COLLATE "C", i.subject) AS line
    FROM item i
    CROSS JOIN report_today r
    CROSS JOIN LATERAL (SELECT greatest(i.day, r.today) AS shown, CASE WHEN i.day < r.today THEN i.day END AS since) d
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
    CROSS JOIN LATERAL (SELECT coalesce(n.name, place_text(e.address, e.port, e.server_name)) AS name) x
    WINDOW same AS (PARTITION BY d.shown, d.since IS NULL, i.ids)
), told AS (
    SELECT key, shown AS day, since, 'Certificate due: ' || name AS summary, rules AS description FROM named WHERE of_day <= 12 OR of_step = 1
    UNION ALL
    SELECT CASE WHEN d.since IS NULL THEN 'day ' || d.shown ELSE 'overdue' END || ' ' || array_to_string(d.ids, ' '), d.shown, d.since, grouped(d.count) || ' certificates due: ' || t.titles,
           t.steps || E'\n' || d.names || CASE WHEN d.count > 20 THEN E'\nand ' || grouped(d.count - 20) || ' more' ELSE '' END
    FROM (SELECT shown, ids, min(since) AS since, count(*) AS count,
                 string_agg(name || coalesce(', overdue since ' || to_char(since, 'FMDD Mon YYYY'), ''), E'\n' ORDER BY line) FILTER (WHERE line <= 20) AS names
          FROM named WHERE of_day > 12 AND of_step > 1 GROUP BY shown, since IS NULL, ids) d
    CROSS JOIN LATERAL (SELECT string_agg(ru.title, '; ' ORDER BY ru.id) AS titles, string_agg(ru.id || ' ' || ru.title || ': ' || ru.next_step, E'\n' ORDER BY ru.id) AS steps
                        FROM document_rule ru WHERE ru.id = ANY (d.ids)) t
), event AS MATERIALIZED (
    SELECT left(encode(sha256(convert_to($1 || E'\n' || $2 || E'\n' || key, 'UTF8')), 'hex'), 40) || '@certsweep' AS uid, day, since,
           coalesce('OVERDUE since ' || to_char(since, 'FMDD Mon YYYY') || ': ', '') || summary AS summary, description || coalesce(E'\nQuestions: ' || $3, '') AS description
    FROM told
), kept AS (
    INSERT INTO calendar_event AS o (uid, owner, site, day, overdue_since, summary, description, changed_at)
    SELECT uid, $1, $2, day, since, summary, description, least(r.as_of, now()) FROM event CROSS JOIN report_as_of r
    ON CONFLICT (uid) DO UPDATE SET day = excluded.day, overdue_since = excluded.overdue_since, summary = excluded.summary, description = excluded.description,
        sequence = o.sequence + 1, is_cancelled = false, changed_at = excluded.changed_at
    WHERE (o.day, o.summary, o.description, o.is_cancelled) IS DISTINCT FROM (excluded.day, excluded.summary, excluded.description, false)
)
UPDATE calendar_event o SET is_cancelled = true, sequence = o.sequence + 1, changed_at = least(r.as_of, now())
FROM report_as_of r
WHERE o.owner = $1 AND o.site = $2 AND NOT o.is_cancelled AND NOT EXISTS (SELECT FROM event WHERE event.uid = o.uid)
