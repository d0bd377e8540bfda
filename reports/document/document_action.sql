-- What each owner must settle: one row for a subject at its earliest day. $1 rows of each owner at most. Columns: owner,
-- contacts, subjects of this owner in all, name, severity, rules ("C05 Expired", a line each), act by, days left.
WITH item AS MATERIALIZED (
    SELECT f.owner, f.subject, min(f.basis) AS basis, min(f.severity_rank) AS rank, min(f.act_by) AS act_by
    FROM document_finding f
    WHERE f.act_by IS NOT NULL GROUP BY f.owner, f.subject
), page AS MATERIALIZED (
    SELECT * FROM (
    SELECT i.*, coalesce(n.name, e.place) AS name,
           row_number() OVER (PARTITION BY i.owner ORDER BY i.act_by, i.rank,
                              coalesce(n.name, e.place) COLLATE "C", i.subject) AS line,
           count(*) OVER (PARTITION BY i.owner) AS subjects, min(i.act_by) OVER (PARTITION BY i.owner) AS first_day
    FROM item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN LATERAL (SELECT place_text(e.address, e.port, e.server_name) AS place FROM endpoint e
                       WHERE i.subject < 0 AND e.id = -i.subject OFFSET 0) e ON true) x     -- few show no certificate
    WHERE line <= $1::bigint
), told AS MATERIALIZED (               -- of these alone
    SELECT owner, subject, string_agg(DISTINCT f.rule || ' ' || ru.title, E'\n') AS rules
    FROM page JOIN document_finding f USING (owner, subject) JOIN rule ru ON ru.id = f.rule
    WHERE f.act_by IS NOT NULL GROUP BY owner, subject
)
SELECT p.owner, array_to_string(o.contacts, ', ') AS contacts, p.subjects, p.name, s.name AS severity, t.rules, p.act_by,
       p.act_by - (SELECT as_of::date FROM report_as_of) AS days
FROM page p
JOIN told t USING (owner, subject)
JOIN severity s ON s.rank = p.rank
LEFT JOIN owner_basis o ON o.id = p.basis
ORDER BY p.first_day, p.owner, p.line
