-- The worst subjects: gravest finding first, then the earliest day; of each rule one, so that they are not three times the same. $1 how many.
-- Columns: severity, name, rule, title, because, owner, days until it must be settled.
SELECT s.name AS severity, coalesce(n.name, place_text(e.address, e.port, e.server_name)) AS name, w.rule, ru.title,
       finding_seen(w.rule, w.evidence, n.not_after) AS because, w.owner, w.act_by - (SELECT today FROM report_today) AS days
FROM (SELECT DISTINCT ON (x.rule) x.*
      FROM (SELECT DISTINCT ON (subject) * FROM document_finding WHERE act_by IS NOT NULL ORDER BY subject, severity_rank, act_by, rule) x
      LEFT JOIN certificate_now o ON o.certificate = x.subject
      ORDER BY x.rule, x.severity_rank, x.act_by, o.not_after, o.name COLLATE "C", x.subject) w
JOIN severity s ON s.rank = w.severity_rank
JOIN document_rule ru ON ru.id = w.rule
LEFT JOIN certificate_now n ON n.certificate = w.subject
LEFT JOIN endpoint e ON e.id = -w.subject
ORDER BY w.severity_rank, w.act_by, n.not_after, n.name COLLATE "C", w.subject
LIMIT $1::bigint
