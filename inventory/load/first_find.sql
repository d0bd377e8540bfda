-- Selects the answers that are all that is known of an endpoint: it is not known yet, and the batch has no other answer of it. Not those
-- that are dated later than $2, and none where anything later was loaded already: what follows from these is computed. $1 scan
-- (The planner takes `= 1` for one group in 200, `< 2` for one in three; in a first load it is all.)
INSERT INTO in_first (row, time)
SELECT min(row), min(time) FROM in_class WHERE endpoint IS NULL
GROUP BY key
HAVING count(*) < 2 AND bool_and(is_plain) AND max(time) <= $2::timestamptz
   AND min(time) > (SELECT coalesce(max(CASE WHEN scan = $1::bigint THEN before_at ELSE greatest(latest_at, before_at) END), '-infinity')
                    FROM endpoint_block)
