-- The line of the index for the owner that the document is filled with. Columns: certificates, subjects to handle, overdue, worst
-- severity, worst name, worst title, next day, days left.
WITH item AS (
    SELECT subject, min(act_by) AS act_by FROM document_finding WHERE act_by IS NOT NULL GROUP BY subject
)
SELECT (SELECT count(*) FROM document_certificate), (SELECT count(*) FROM item),
       (SELECT count(*) FROM item WHERE act_by < r.today), s.name, coalesce(n.name, place_text(e.address, e.port, e.server_name)), ru.title,
       (SELECT min(act_by) FROM item), (SELECT min(act_by) FROM item) - r.today
FROM report_today r
LEFT JOIN (SELECT * FROM document_finding WHERE act_by IS NOT NULL ORDER BY severity_rank, act_by, rule, subject LIMIT 1) w ON true
LEFT JOIN severity s ON s.rank = w.severity_rank
LEFT JOIN document_rule ru ON ru.id = w.rule
LEFT JOIN certificate_now n ON n.certificate = w.subject
LEFT JOIN endpoint e ON e.id = -w.subject
