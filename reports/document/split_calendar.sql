-- Brings calendar_event up to the findings of the owner that the document is filled with. $1 owner, $2 site (''
-- all), $3 contact for questions or NULL. An event that is settled, or now belongs to another owner, is
-- cancelled. What is overdue stands on the day of the letter, and says since when. Of a day with more than twelve of them, those that the same
-- rules are about (renewals, whatever rule asks for them) become one event together, overdue ones another than those that are not. It stays
-- one, with its UID, until nothing of it is left: were it to fall apart when the day has twelve again, a calendar would be full of what is
-- cancelled and new whenever one of them comes or goes. Never as of another day.
WITH asked AS MATERIALIZED (            -- each rule's own day, where it is another than that of the subject
    SELECT f.subject, f.rule, f.title, f.next_step, f.rule_next, min(f.act_by) AS day, min(min(f.act_by)) OVER (PARTITION BY f.subject) AS first_day
    FROM document_step f
    WHERE f.act_by IS NOT NULL AND NOT f.is_left_out
    GROUP BY f.subject, f.rule, f.title, f.next_step, f.rule_next
), item AS MATERIALIZED (
    SELECT f.subject, f.first_day AS day,
           -- as the end comes near, its rule is another, its step the same
           array_agg(DISTINCT CASE WHEN is_ending_rule(f.rule) THEN 'renewal' ELSE f.rule END) AS alike,
           string_agg(f.rule || ' ' || f.title || own.by || ': ' || f.next_step, E'\n' ORDER BY f.rule) AS rules,
           string_agg(', ' || f.rule || own.by, '' ORDER BY f.rule) FILTER (WHERE own.by <> '') AS later
    FROM asked f
    CROSS JOIN LATERAL (SELECT CASE WHEN f.day = f.first_day THEN '' ELSE ' by ' || to_char(f.day, 'FMDD Mon YYYY') END AS by) own
    GROUP BY f.subject, f.first_day
), named AS MATERIALIZED (
    SELECT i.*, d.shown, d.since, x.name, coalesce(encode(n.sha256, 'hex'), encode(q.key, 'hex'), e.key::text) AS key,
           count(*) OVER (PARTITION BY d.shown) AS of_day, row_number() OVER (same ORDER BY x.name COLLATE "C", i.subject) AS line
    FROM item i
    CROSS JOIN report_today r
    CROSS JOIN LATERAL (SELECT greatest(i.day, r.today) AS shown, CASE WHEN i.day < r.today THEN i.day END AS since) d
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN document_record q ON q.subject = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
    CROSS JOIN LATERAL (SELECT coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) AS name) x
    WINDOW same AS (PARTITION BY d.shown, d.since IS NULL, i.alike)
), together AS MATERIALIZED (           -- what is one event, or was in the last calendar, also on the day before it was overdue
    SELECT g.* FROM (
        SELECT shown, alike, since IS NULL AS is_ahead, min(since) AS since, count(*) AS count, of_day > 12 AND count(*) > 1 AS is_busy,
               CASE WHEN since IS NULL THEN 'day ' || shown ELSE 'overdue' END || ' ' || array_to_string(alike, ' ') AS key,
               array_agg(DISTINCT 'day ' || day || ' ' || array_to_string(alike, ' ')) AS keys_before,
               string_agg(name || coalesce(', overdue since ' || to_char(since, 'FMDD Mon YYYY'), '') || coalesce(later, ''),
                          E'\n' ORDER BY line) FILTER (WHERE line <= 20) AS names
        FROM named GROUP BY shown, since IS NULL, alike, of_day) g
    WHERE g.is_busy
       OR EXISTS (SELECT FROM unnest(g.keys_before || g.key) k JOIN calendar_event o ON o.uid = calendar_uid($1, $2, k) WHERE NOT o.is_cancelled)
), told AS (
    SELECT n.key, n.shown AS day, n.since, 'Certificate due: ' || n.name AS summary, n.rules AS description
    FROM named n WHERE NOT EXISTS (SELECT FROM together g WHERE g.shown = n.shown AND g.is_ahead = (n.since IS NULL) AND g.alike = n.alike)
    UNION ALL
    SELECT d.key, d.shown, d.since, counted_grouped(d.count, 'certificate') || ' due: ' || t.titles,
           t.steps || E'\n' || d.names || CASE WHEN d.count > 20 THEN E'\nand ' || grouped(d.count - 20) || ' more' ELSE '' END
    FROM together d
    CROSS JOIN LATERAL (SELECT string_agg(s.title, '; ' ORDER BY s.rule) FILTER (WHERE s.line = 1) AS titles,
                               string_agg(s.rule || ' ' || s.title || ': ' || s.rule_next, E'\n' ORDER BY s.rule, s.line) AS steps
                        FROM (SELECT a.rule, a.title, a.rule_next, row_number() OVER (PARTITION BY a.rule ORDER BY a.rule_next) AS line
                              FROM asked a JOIN named n USING (subject)
                              WHERE n.shown = d.shown AND (n.since IS NULL) = d.is_ahead AND n.alike = d.alike
                              GROUP BY a.rule, a.title, a.rule_next) s) t
), event AS MATERIALIZED (
    SELECT calendar_uid($1, $2, key) AS uid, day, since,
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
