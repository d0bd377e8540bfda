-- Takes over one decision from a file. $1 kind, $2 hash, $3 reason, $4 who, $5 made at, $6 until or NULL, $7 source or NULL, $8 key of its
-- record or NULL, $9 rule of a mute or NULL. A link to a source that is not here is not taken over, since nothing would say which one it
-- meant. A file has no fractions of seconds. Columns: how many were new (0: it was there), whether the certificate is known here, the source
-- (always, if none is named), the record.
WITH made AS (
    INSERT INTO decision (kind, sha256, source, record_key, reason, who, made_at, until, rule)
    SELECT $1, decode($2, 'hex'), (SELECT id FROM managed_source WHERE name = $7), decode($8, 'hex'), $3, $4, $5::timestamptz, decision_until($6), $9
    WHERE NOT EXISTS (SELECT FROM decision
                      WHERE kind = $1 AND sha256 = decode($2, 'hex') AND who = $4 AND rule IS NOT DISTINCT FROM $9
                        AND date_trunc('second', made_at) = date_trunc('second', $5::timestamptz))
      AND ($7::text IS NULL OR EXISTS (SELECT FROM managed_source WHERE name = $7))
    RETURNING id)
SELECT count(*), EXISTS (SELECT FROM certificate WHERE sha256 = decode($2, 'hex')),
       $7::text IS NULL OR EXISTS (SELECT FROM managed_source WHERE name = $7),
       $8::text IS NULL OR EXISTS (SELECT FROM managed_record r JOIN managed_source s ON s.id = r.source
                                   WHERE s.name = $7 AND r.key = decode($8, 'hex') AND r.valid_to IS NULL)
FROM made
