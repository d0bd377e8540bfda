-- What needs action of all letters together, as document_due.sql counts it. Columns: overdue, this week (7 days), then up to 30 days, all.
SELECT count(*) FILTER (WHERE a.act_by < t.today), count(*) FILTER (WHERE a.act_by BETWEEN t.today AND t.today + 7),
       count(*) FILTER (WHERE a.act_by BETWEEN t.today + 8 AND t.today + 30), count(a.act_by)
FROM report_today t LEFT JOIN document_all a ON true
