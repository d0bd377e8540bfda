-- Stores the unchanged answers as bits. $1 scan
WITH byte AS (
    SELECT c.variant, c.endpoint >> 12 AS block, ((c.endpoint & 4095) >> 3)::integer AS n,
           bit_or(128 >> (c.endpoint & 7)::integer) AS bits, min(c.time) AS first_at, max(c.time) AS last_at
    FROM in_class c
    WHERE c.endpoint IS NOT NULL AND c.row NOT IN (SELECT row FROM in_explicit)      -- a batch at most: hashed
    GROUP BY 1, 2, 3
), whole AS (
    SELECT variant, block, min(first_at) AS first_at, max(last_at) AS last_at FROM byte GROUP BY variant, block
), filled AS (
    SELECT w.variant, w.block, string_agg(lpad(to_hex(coalesce(b.bits, 0)), 2, '0'), '' ORDER BY n.n) AS hex
    FROM whole w
    CROSS JOIN generate_series(0, 511) AS n (n)
    LEFT JOIN byte b ON b.variant = w.variant AND b.block = w.block AND b.n = n.n
    GROUP BY w.variant, w.block
)
INSERT INTO confirmation AS c (block, variant, scan, first_at, last_at, bits)
SELECT w.block, w.variant, $1::bigint, w.first_at, w.last_at, ('x' || f.hex)::bit(4096)
FROM whole w JOIN filled f USING (variant, block)
ON CONFLICT (block, variant, scan)
DO UPDATE SET bits = c.bits | excluded.bits, first_at = least(c.first_at, excluded.first_at),
              last_at = greatest(c.last_at, excluded.last_at)
