-- Collects all evidence about the endpoints to be recomputed: answers, confirmations, sightings; and evidence from finished
-- scans that no server is there: "not TLS" at the port without a name, an outcome in quiet that proves absence.
INSERT INTO in_evidence (kind, endpoint, role, peer, variant, chain, chain_sha256, leaf, scan, first_at, last_at, hour, missed, several, is_last, absent,
    finished, outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest)
SELECT 2, o.endpoint, o.role, o.peer, o.variant, o.chain, c.sha256, c.leaf, o.scan, o.time, o.time, NULL::timestamptz, 0, false, false,
       w.is_absence, scan.finished_at IS NOT NULL, o.outcome, o.tls_version, o.cipher_suite, o.named_group, o.key_proven,
       o.protocol, o.detail, o.alpn, o.digest
FROM in_changed k
JOIN observation o ON o.endpoint = k.endpoint
JOIN outcome w ON w.id = o.outcome
LEFT JOIN chain c ON c.id = o.chain
LEFT JOIN scan ON scan.id = o.scan
UNION ALL
SELECT 3, k.endpoint, 1, NULL, f.variant, NULL, NULL, NULL, f.scan, f.first_at, f.last_at, NULL, 0, false, false,
       false, scan.finished_at IS NOT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM in_changed k
JOIN confirmation f ON f.block = k.endpoint >> 12 AND f.variant <> 0
LEFT JOIN scan ON scan.id = f.scan
WHERE get_bit(f.bits, (k.endpoint & 4095)::integer) = 1
UNION ALL
SELECT 4, s.endpoint, s.role, s.peer, 8, s.chain, c.sha256, c.leaf, s.scan, s.first_at, s.last_at, s.hour, 0, false, false,
       false, false, s.outcome, s.tls_version, s.cipher_suite, s.named_group, NULL, s.protocol, s.detail, s.alpn, NULL
FROM in_changed k
JOIN sighting s ON s.endpoint = k.endpoint
JOIN scan ON scan.id = s.scan AND s.last_at <= scan.clock_limit
LEFT JOIN chain c ON c.id = s.chain
UNION ALL
SELECT 5, k.endpoint, 1, NULL, 0, NULL, NULL, NULL, ob.scan, ob.time, ob.time, NULL, 0, false, false,
       true, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM in_changed k
JOIN endpoint e ON e.id = k.endpoint AND e.server_name <> ''
JOIN endpoint bare ON bare.prefix = e.prefix AND bare.port = e.port AND bare.transport = e.transport AND bare.site = e.site
                  AND bare.address = e.address AND bare.zone = e.zone AND bare.server_name = ''
JOIN observation ob ON ob.endpoint = bare.id AND ob.chain IS NULL AND ob.role = 1
JOIN outcome o ON o.id = ob.outcome AND o.name = 'not_tls'
JOIN scan ON scan.id = ob.scan AND scan.finished_at IS NOT NULL
UNION ALL
SELECT 5, k.endpoint, 1, NULL, 0, NULL, NULL, NULL, q.scan, q.from_at, q.to_at, NULL, 0, false, false,
       true, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM in_changed k
JOIN endpoint e ON e.id = k.endpoint AND e.zone = ''
JOIN quiet q ON q.prefix = e.prefix AND q.port = e.port AND q.transport = e.transport
JOIN outcome o ON o.id = q.outcome AND o.is_absence
JOIN scan ON scan.id = q.scan AND scan.site = e.site AND scan.finished_at IS NOT NULL AND q.to_at <= scan.clock_limit
WHERE get_bit(q.addresses, (e.address - host(q.prefix)::inet)::integer) = 1
