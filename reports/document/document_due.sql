-- What each owner must settle, by the day of the earliest finding of each subject. Columns: owner, overdue, this week (7 days),
-- then up to 30, 60, 90 days, later, all; most urgent first.
SELECT i.owner,
       count(*) FILTER (WHERE i.days < 0) AS overdue,
       count(*) FILTER (WHERE i.days BETWEEN 0 AND 7) AS week,
       count(*) FILTER (WHERE i.days BETWEEN 8 AND 30) AS month,
       count(*) FILTER (WHERE i.days BETWEEN 31 AND 60) AS two_months,
       count(*) FILTER (WHERE i.days BETWEEN 61 AND 90) AS three_months,
       count(*) FILTER (WHERE i.days > 90) AS later,
       count(*) AS all
FROM (SELECT f.owner, min(f.act_by) - (SELECT as_of::date FROM report_as_of) AS days
      FROM document_finding f WHERE f.act_by IS NOT NULL GROUP BY f.owner, f.subject) i
GROUP BY i.owner
ORDER BY 2 DESC, 3 DESC, 4 DESC, 8 DESC, 1
