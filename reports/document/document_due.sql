-- What each owner must settle, by the day of the earliest finding of each subject. Columns: owner (NULL: all of them, each subject once),
-- overdue, this week (7 days), then up to 30, 60, 90 days, later, all; all of them first, then the most urgent. No row if there is nothing.
WITH item AS (
    SELECT owner, act_by FROM document_item
    UNION ALL
    SELECT NULL, min(act_by) FROM document_item GROUP BY subject
)
SELECT i.owner,
       count(*) FILTER (WHERE i.days < 0) AS overdue,
       count(*) FILTER (WHERE i.days BETWEEN 0 AND 7) AS week,
       count(*) FILTER (WHERE i.days BETWEEN 8 AND 30) AS month,
       count(*) FILTER (WHERE i.days BETWEEN 31 AND 60) AS two_months,
       count(*) FILTER (WHERE i.days BETWEEN 61 AND 90) AS three_months,
       count(*) FILTER (WHERE i.days > 90) AS later,
       count(*) AS all
FROM (SELECT owner, act_by - (SELECT today FROM report_today) AS days FROM item) i
GROUP BY i.owner
ORDER BY i.owner IS NOT NULL, 2 DESC, 3 DESC, 4 DESC, 8 DESC, 1
