-- The worst subjects: gravest finding first, then the earliest day; of each rule one, so that they are not three times the same; what
-- somebody has accepted, ignored or muted, wholly or for this rule, is no news. $1 how many.
-- Columns: severity, name, rule, title, because, owner, days until it must be settled, that day, how many others the same rule found.
WITH news AS MATERIALIZED (
    SELECT f.* FROM document_finding f
    CROSS JOIN report_as_of r
    LEFT JOIN certificate_now n ON n.certificate = f.subject
    LEFT JOIN (SELECT DISTINCT sha256, rule FROM decision_in_force WHERE kind = 'mute' AND rule IS NOT NULL) m ON m.sha256 = n.sha256
         AND m.rule = CASE WHEN f.rule IN ('C07', 'renewal') THEN 'C06' ELSE f.rule END       -- a mute of C06 is of whatever says that its renewal is due
    WHERE f.act_by IS NOT NULL AND m.rule IS NULL AND (n.record IN ('accepted', 'ignored') OR n.muted_until > r.as_of) IS NOT TRUE
), alike AS (
    SELECT rule, count(DISTINCT subject) - 1 AS others FROM news GROUP BY rule
)
SELECT s.name AS severity, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) AS name, w.rule, ru.title,
       finding_seen(w.rule, w.evidence, coalesce(n.not_after, q.not_after), z.zone) AS because, w.owner,
           w.act_by - (SELECT today FROM report_today) AS days, w.act_by, a.others
FROM (SELECT DISTINCT ON (x.rule) x.*
      FROM (SELECT DISTINCT ON (f.subject) f.* FROM news f ORDER BY f.subject, f.severity_rank, f.act_by, f.rule) x
      LEFT JOIN certificate_now o ON o.certificate = x.subject
      ORDER BY x.rule, x.severity_rank, x.act_by, o.not_after, o.name COLLATE "C", x.subject) w
CROSS JOIN due_setting z
JOIN alike a ON a.rule = w.rule
JOIN severity s ON s.rank = w.severity_rank
JOIN document_rule ru ON ru.id = w.rule
LEFT JOIN certificate_now n ON n.certificate = w.subject
LEFT JOIN document_record q ON q.subject = w.subject
LEFT JOIN endpoint e ON e.id = -w.subject
ORDER BY w.severity_rank, w.act_by, n.not_after, n.name COLLATE "C", w.subject
LIMIT $1::bigint
