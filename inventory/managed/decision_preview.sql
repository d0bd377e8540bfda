-- The certificates that a filter finds. $1 filter
SELECT encode(n.sha256, 'hex') AS sha256, n.name, n.issuer_name AS issuer, b.owner, n.place_count AS places, n.record, n.time,
       n.not_after::timestamptz(0) AS not_after,
       (SELECT string_agg(d.kind || ' by ' || d.who, ', ' ORDER BY d.id) FROM decision_open d WHERE d.sha256 = n.sha256) AS decided_before
FROM decision_filter f, certificate_now n LEFT JOIN owner_basis b ON b.id = n.owner_basis
WHERE f.id = $1::bigint AND filter_finds(f, n)
ORDER BY n.name, n.sha256
