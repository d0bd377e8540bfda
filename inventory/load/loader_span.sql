-- $1 scan, $2 and $3 the earliest and the latest time in this batch (NULL: none), $4 rows ahead of the clock
UPDATE scan SET first_at = least(first_at, $2), last_at = greatest(last_at, $3), rows_ahead = rows_ahead + $4::bigint,
                clock_limit = greatest(clock_limit, now() + interval '1 day')
WHERE id = $1
