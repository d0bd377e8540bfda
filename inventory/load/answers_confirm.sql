-- Stores the unchanged answers as bits: eight endpoints a byte, 512 bytes a block; those between two that have bits are 00. $1 scan
WITH byte AS (
    SELECT c.variant, c.endpoint >> 3 AS n, bit_or(128 >> (c.endpoint & 7)::integer) AS bits, min(c.time) AS first_at, max(c.time) AS last_at
    FROM in_class c
    WHERE c.endpoint IS NOT NULL AND c.row NOT IN (SELECT row FROM in_explicit)      -- a batch at most: hashed
    GROUP BY 1, 2
), spaced AS (
    SELECT *, n >> 9 AS block, n - lag(n, 1, (n >> 9 << 9) - 1) OVER (PARTITION BY variant, n >> 9 ORDER BY n) - 1 AS zeros FROM byte
)
INSERT INTO confirmation AS c (block, variant, scan, first_at, last_at, bits)
SELECT block, variant, $1::bigint, min(first_at), max(last_at),
       ('x' || string_agg(repeat('00', zeros::integer) || lpad(to_hex(bits), 2, '0'), '' ORDER BY n)
            || repeat('00', 511 - (max(n) & 511)::integer))::bit(4096)
FROM spaced GROUP BY block, variant
ON CONFLICT (block, variant, scan)
DO UPDATE SET bits = c.bits | excluded.bits, first_at = least(c.first_at, excluded.first_at),
              last_at = greatest(c.last_at, excluded.last_at)
