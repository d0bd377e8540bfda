-- What must be renewed by when, by owner. $1 filter, $2 how many owners. Columns: owner (NULL: all of them), overdue, 0 to 7 days, then up to 30,
-- 60, 90, and how many owners there are; all first, then the most urgent.
WITH due AS MATERIALIZED (
    SELECT * FROM renewals_due($1::jsonb, NULL, $2::bigint)
)
SELECT CASE WHEN d.is_total THEN NULL ELSE coalesce(d.owner, '(nobody)') END, d.overdue, d.week, d.month, d.two_months, d.three_months,
       CASE WHEN (SELECT count(*) FROM due WHERE NOT is_total) = $2::bigint AND $1::jsonb = '{}'        -- and there may be more
            THEN (SELECT count(*) FROM owner_due)
            ELSE (SELECT count(*) FROM due WHERE NOT is_total) END
FROM due d
ORDER BY d.is_total DESC, d.overdue DESC, d.week DESC, d.month DESC, d.two_months DESC, d.three_months DESC, d.owner
LIMIT $2::bigint + 1
