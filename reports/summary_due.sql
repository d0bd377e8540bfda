-- What must be renewed by when, by owner. $1 filter. Columns: owner (NULL: all of them), overdue, 0 to 7 days, then up to 30, 60, 90; all first,
-- then the most urgent.
SELECT CASE WHEN d.is_total THEN NULL ELSE coalesce(d.owner, '(nobody)') END, d.overdue, d.week, d.month, d.two_months, d.three_months
FROM renewals_due($1::jsonb, NULL) d
ORDER BY d.is_total DESC, d.overdue DESC, d.week DESC, d.month DESC, d.two_months DESC, d.three_months DESC, d.owner
