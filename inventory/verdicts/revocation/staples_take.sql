-- Applies answers. A revocation is kept; of good answers the latest is kept, and releases an older hold. Certificates whose answer
-- changed are marked to be judged again.
INSERT INTO revocation AS r (authority, serial_number, revoked_at, reason, points, listed_at, source)
SELECT DISTINCT ON (authority, serial_number, revoked_at) authority, serial_number, revoked_at, reason, '{}', this_update, 'ocsp'
FROM answer_new WHERE status = 'revoked'
ORDER BY authority, serial_number, revoked_at, this_update DESC
ON CONFLICT (authority, serial_number, revoked_at) DO UPDATE
SET listed_at = greatest(r.listed_at, excluded.listed_at),
    reason = CASE WHEN excluded.listed_at >= r.listed_at THEN excluded.reason ELSE r.reason END,
    released_at = CASE WHEN excluded.listed_at > r.released_at THEN NULL ELSE r.released_at END;
INSERT INTO ocsp_good AS g (authority, serial_number, this_update, next_update)
SELECT DISTINCT ON (authority, serial_number) authority, serial_number, this_update, next_update
FROM answer_new WHERE status = 'good'
ORDER BY authority, serial_number, this_update DESC
ON CONFLICT (authority, serial_number) DO UPDATE SET this_update = excluded.this_update, next_update = excluded.next_update
WHERE excluded.this_update > g.this_update;
UPDATE revocation r SET released_at = g.this_update
FROM ocsp_good g, answer_new n
WHERE n.status = 'good' AND g.authority = n.authority AND g.serial_number = n.serial_number
  AND r.authority = g.authority AND r.serial_number = g.serial_number
  AND r.reason = 6 AND r.released_at IS NULL AND r.listed_at < g.this_update;
INSERT INTO dirty
SELECT DISTINCT 1, e.child
FROM answer_new n JOIN certificate_facts f ON f.serial_number = n.serial_number
JOIN edge e ON e.child = f.certificate AND e.authority = n.authority;
UPDATE staple_pending p SET waits_for = d.waits_for FROM staple_done d WHERE d.staple = p.staple AND d.waits_for IS NOT NULL;
DELETE FROM staple_pending p USING staple_done d WHERE d.staple = p.staple AND d.waits_for IS NULL;
