-- The answers that become rows: of each key (endpoint and variant) of which one answer is new, all. $1 scan. is_late
-- also: this scan has answered before to the same hello, in a batch that is loaded.
WITH fresh AS (
    SELECT endpoint, variant, bool_or(is_late) AS is_late FROM in_class WHERE NOT is_same OR is_late GROUP BY endpoint, variant
), again AS (
    SELECT f.endpoint, f.variant
    FROM fresh f
    JOIN confirmation c ON c.block = f.endpoint >> 12 AND c.variant = f.variant AND c.scan = $1::bigint
    WHERE get_bit(c.bits, (f.endpoint & 4095)::integer) = 1
    UNION
    SELECT f.endpoint, f.variant
    FROM fresh f JOIN answer_now a ON a.endpoint = f.endpoint AND a.variant = f.variant AND a.is_last AND a.scan = $1::bigint
), late AS (
    SELECT DISTINCT endpoint FROM fresh WHERE is_late
    UNION
    SELECT endpoint FROM again
)
INSERT INTO in_explicit (row, endpoint, is_late)
SELECT c.row, c.endpoint, late.endpoint IS NOT NULL
FROM in_class c
JOIN fresh f ON f.endpoint = c.endpoint AND f.variant = c.variant
LEFT JOIN late ON late.endpoint = c.endpoint
