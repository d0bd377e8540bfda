-- What each owner must settle: one row for a subject at its earliest day, at each of its owners. $1 rows of each owner at most. Columns: owner,
-- contacts, subjects of this owner in all, name, severity, rules ("C05 Expired", a line each), act by, days left.
WITH page AS (
    SELECT i.*, coalesce(n.name, place_text(e.address, e.port, e.server_name)) AS name,
           row_number() OVER (PARTITION BY i.owner ORDER BY i.act_by, i.severity_rank,
                              coalesce(n.name, place_text(e.address, e.port, e.server_name)) COLLATE "C", i.subject) AS line,
           count(*) OVER (PARTITION BY i.owner) AS subjects, min(i.act_by) OVER (PARTITION BY i.owner) AS first_day
    FROM document_item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
)
SELECT p.owner, array_to_string(o.contacts, ', ') AS contacts, p.subjects, p.name, s.name AS severity, p.rules, p.act_by,
       p.act_by - (SELECT as_of::date FROM report_as_of) AS days
FROM page p
JOIN severity s ON s.rank = p.severity_rank
LEFT JOIN owner_basis o ON o.id = p.basis
WHERE p.line <= $1::bigint
ORDER BY p.first_day, p.owner, p.line
