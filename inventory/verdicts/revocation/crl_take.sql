-- Applies the list in crl_taken. Lists may be loaded in any order; of several statements about a hold the latest counts.
ANALYZE crl_entry_new;
UPDATE crl c SET entry_count = (SELECT count(*) FROM crl_entry_new) FROM crl_taken t WHERE c.id = t.id;

INSERT INTO revocation AS r (authority, serial_number, revoked_at, reason, points, listed_at, source)
SELECT DISTINCT ON (n.serial_number, n.revoked_at) t.authority, n.serial_number, n.revoked_at, n.reason, t.points, t.this_update, 'crl'
FROM crl_entry_new n, crl_taken t
WHERE n.reason <> 8
ORDER BY n.serial_number, n.revoked_at, n.reason
ON CONFLICT (authority, serial_number, revoked_at) DO UPDATE
SET listed_at = greatest(r.listed_at, excluded.listed_at),
    reason = CASE WHEN excluded.listed_at >= r.listed_at THEN excluded.reason ELSE r.reason END,
    released_at = CASE WHEN excluded.listed_at > r.released_at THEN NULL ELSE r.released_at END;

-- Holds: released by name in a delta (RFC 5280, 5.3.1: removeFromCRL), or left out by a later complete list of the same points.
UPDATE revocation r SET released_at = greatest(n.revoked_at, r.revoked_at)
FROM crl_entry_new n, crl_taken t
WHERE n.reason = 8 AND r.authority = t.authority AND r.serial_number = n.serial_number AND r.reason = 6
  AND r.released_at IS NULL AND r.listed_at <= t.this_update;
UPDATE revocation r SET released_at = t.this_update
FROM crl_taken t
WHERE t.is_complete AND r.authority = t.authority AND r.points = t.points AND r.source = 'crl' AND r.reason = 6
  AND r.released_at IS NULL AND r.listed_at < t.this_update
  AND NOT EXISTS (SELECT FROM crl_entry_new n WHERE n.serial_number = r.serial_number AND n.reason <> 8);

-- Marks to be judged again: certificates that are listed or whose hold has ended, those below a listed CA, and all children of a
-- CA that had no list for this time.
INSERT INTO dirty
SELECT 1, e.child
FROM crl_taken t, crl_entry_new n JOIN certificate_facts f ON f.serial_number = n.serial_number JOIN edge e ON e.child = f.certificate
WHERE e.authority = t.authority
UNION
SELECT 1, e.child
FROM crl_taken t JOIN revocation r ON r.authority = t.authority AND r.released_at IS NOT NULL
JOIN certificate_facts f ON f.serial_number = r.serial_number JOIN edge e ON e.child = f.certificate AND e.authority = r.authority
UNION
SELECT 1, below.child
FROM crl_taken t, crl_entry_new n JOIN certificate_facts f ON f.serial_number = n.serial_number
JOIN authority_certificate c ON c.certificate = f.certificate
JOIN ca_path p ON p.certificates @> ARRAY[c.certificate]
JOIN edge below ON below.authority = p.authority
WHERE c.issuer = t.authority
UNION
SELECT 1, e.child FROM crl_taken t JOIN edge e ON e.authority = t.authority
WHERE NOT EXISTS (SELECT FROM crl c WHERE c.authority = t.authority AND c.id <> t.id AND c.next_update > t.this_update)
UNION
SELECT 1, e.child FROM edge e WHERE (SELECT count(*) FROM crl) = 1;      -- H10 applies only once there is a list
