-- Selects the answers that become rows: all answers of a key (endpoint and variant) if one of them is new; and those that are dated
-- later than $2. $1 scan. is_late is also set where an earlier batch of this scan has an answer to the same hello.
-- scan + 0: the statistics do not know a scan that is being loaded. They promise one row where an earlier batch wrote some ten thousand, and
-- the plan compares each of them with each fresh one. Of an expression the planner takes a share that is large enough to hash.
WITH fresh AS (
    SELECT endpoint, variant, bool_or(is_late) AS is_late FROM in_class
    WHERE (NOT is_same OR is_late) AND endpoint IS NOT NULL AND time <= $2::timestamptz
    GROUP BY endpoint, variant
), again AS (
    SELECT f.endpoint, f.variant
    FROM fresh f
    JOIN confirmation c ON c.block = f.endpoint >> 12 AND c.variant = f.variant AND c.scan = $1::bigint
    WHERE get_bit(c.bits, (f.endpoint & 4095)::integer) = 1
    UNION
    SELECT f.endpoint, f.variant
    FROM fresh f JOIN answer_now a ON a.endpoint = f.endpoint AND a.variant = f.variant AND a.is_last AND a.scan + 0 = $1::bigint
), late AS (
    SELECT DISTINCT endpoint FROM fresh WHERE is_late
    UNION
    SELECT endpoint FROM again
)
INSERT INTO in_explicit (row, endpoint, is_late, is_ahead)
SELECT c.row, c.endpoint, late.endpoint IS NOT NULL, false
FROM in_class c
JOIN fresh f ON f.endpoint = c.endpoint AND f.variant = c.variant
LEFT JOIN late ON late.endpoint = c.endpoint
WHERE c.time <= $2::timestamptz
UNION ALL
SELECT row, endpoint, false, true FROM in_class WHERE time > $2::timestamptz AND endpoint IS NOT NULL
