-- What must be renewed by when, by owner. $1 filter, $2 how many owners, $3 certificates that can be wanted, or NULL. Columns: owner (NULL: all of
-- them), overdue, 0 to 7 days, then up to 30, 60, 90, how many owners there are, how many certificates count at several of them (0: none), and the
-- command that lists all; all first, then the most urgent.
WITH due AS MATERIALIZED (
    SELECT * FROM renewals_due($1::jsonb, $3::bigint[], $2::bigint)
), kept AS MATERIALIZED (               -- and there may be more than were read
    SELECT $1::jsonb = '{}' AND (SELECT count(*) FROM due WHERE NOT is_total) = $2::bigint AND EXISTS (SELECT FROM ending_count) AS is_cut
), owners AS MATERIALIZED (
    SELECT count(*) AS count, coalesce(sum(overdue + week + month + two_months + three_months), 0) AS counted
    FROM (SELECT * FROM due WHERE NOT is_total AND NOT (SELECT is_cut FROM kept)
          UNION ALL SELECT * FROM owner_due WHERE (SELECT is_cut FROM kept)) o
)
SELECT CASE WHEN d.is_total THEN NULL ELSE owner_shown(d.owner) END, d.overdue, d.week, d.month, d.two_months, d.three_months, o.count,
       greatest(0, o.counted - (SELECT overdue + week + month + two_months + three_months FROM due WHERE is_total))::bigint,
       'certsweep report summary --format csv' || options_kept($1::jsonb)
FROM due d CROSS JOIN owners o
ORDER BY d.is_total DESC, d.overdue DESC, d.week DESC, d.month DESC, d.two_months DESC, d.three_months DESC, d.owner
LIMIT $2::bigint + 1
