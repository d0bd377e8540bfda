-- The line of the index for the owner that the document is filled with, and what a letter without steps says. Columns: certificates, of these not served,
-- places, subjects to handle, overdue, worst severity, worst name, worst title, next day, days left, the first end to come, how that one is called.
WITH item AS (
    SELECT subject, min(act_by) AS act_by FROM document_finding WHERE act_by IS NOT NULL GROUP BY subject
), held AS (
    SELECT count(*) AS certificates, count(*) FILTER (WHERE NOT is_served) AS unserved FROM document_certificate
), next AS (
    SELECT c.not_after::date AS day, c.name FROM document_certificate c CROSS JOIN report_as_of r WHERE c.not_after >= r.as_of
    ORDER BY c.not_after, c.name COLLATE "C" LIMIT 1
)
SELECT h.certificates, h.unserved,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p JOIN document_certificate c ON c.certificate = p.certificate AND c.owner = p.owner WHERE p.endpoint <> 0),
       (SELECT count(*) FROM item), (SELECT count(*) FROM item WHERE act_by < r.today), s.name, coalesce(n.name, place_text(e.address, e.port, e.server_name)),
       ru.title, (SELECT min(act_by) FROM item), (SELECT min(act_by) FROM item) - r.today, next.day, next.name
FROM report_today r
CROSS JOIN held h
LEFT JOIN (SELECT * FROM document_finding WHERE act_by IS NOT NULL ORDER BY severity_rank, act_by, rule, subject LIMIT 1) w ON true
LEFT JOIN severity s ON s.rank = w.severity_rank
LEFT JOIN document_rule ru ON ru.id = w.rule
LEFT JOIN certificate_now n ON n.certificate = w.subject
LEFT JOIN endpoint e ON e.id = -w.subject
LEFT JOIN next ON true
