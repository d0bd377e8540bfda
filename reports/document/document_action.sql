-- What each owner must settle: one row for a subject at its earliest day, at each of its owners. $1 rows of each owner at most. Columns: owner,
-- contacts, subjects of this owner in all, name, severity, rules ("C05 Expired", a line each), act by, days left.
WITH page AS MATERIALIZED (
    SELECT * FROM (
    SELECT i.*, coalesce(n.name, q.name, e.place) AS name,
           row_number() OVER (PARTITION BY i.owner ORDER BY i.act_by, i.severity_rank,
                              coalesce(n.name, q.name, e.place) COLLATE "C", i.subject) AS line,
           count(*) OVER (PARTITION BY i.owner) AS subjects, min(i.act_by) OVER (PARTITION BY i.owner) AS first_day
    FROM document_item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN document_record q ON q.subject = i.subject
    LEFT JOIN LATERAL (SELECT place_text(e.address, e.port, e.server_name) AS place FROM endpoint e
                       WHERE i.subject < 0 AND e.id = -i.subject OFFSET 0) e ON true) x     -- few show no certificate
    WHERE line <= $1::bigint
)
SELECT p.owner, array_to_string(o.contacts, ', ') AS contacts, p.subjects, p.name, s.name AS severity,
       (SELECT string_agg(ru.id || ' ' || ru.title, E'\n' ORDER BY ru.id) FROM document_rule ru WHERE ru.id = ANY (p.rules)) AS rules, p.act_by,
       p.act_by - (SELECT today FROM report_today) AS days
FROM page p
JOIN severity s ON s.rank = p.severity_rank
LEFT JOIN owner_basis o ON o.id = p.basis
ORDER BY p.first_day, p.owner, p.line
