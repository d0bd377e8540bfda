-- Takes over one decision from a file. $1 kind, $2 hash, $3 reason, $4 who, $5 made at, $6 until or NULL, $7 source or NULL, $8 key of its
-- record or NULL, $9 rule of a mute or NULL. Column: how many were new (0: it was there).
WITH made AS (
    INSERT INTO decision (kind, sha256, source, record_key, reason, who, made_at, until, rule)
    SELECT $1, decode($2, 'hex'), (SELECT id FROM managed_source WHERE name = $7), decode($8, 'hex'), $3, $4, $5::timestamptz, $6::timestamptz, $9
    WHERE NOT EXISTS (SELECT FROM decision
                      WHERE kind = $1 AND sha256 = decode($2, 'hex') AND who = $4 AND rule IS NOT DISTINCT FROM $9
                        AND made_at::timestamptz(0) = $5::timestamptz::timestamptz(0))
    RETURNING id)
SELECT count(*) FROM made
