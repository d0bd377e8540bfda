-- A late answer would change the meaning of the next confirmation of its key, which repeats the answer before it. So that
-- confirmation is first stored as a row. Runs before the late rows are inserted. $1 scan
WITH late AS (
    SELECT DISTINCT endpoint, variant, time FROM in_full WHERE is_late AND role = 1 AND peer IS NULL
), next AS (
    SELECT DISTINCT ON (l.endpoint, l.variant, l.time) l.endpoint, l.variant, l.time, c.first_at, c.scan
    FROM late l
    JOIN confirmation c ON c.block = l.endpoint >> 12 AND c.variant = l.variant AND c.first_at >= l.time
    WHERE get_bit(c.bits, (l.endpoint & 4095)::integer) = 1
    ORDER BY l.endpoint, l.variant, l.time, c.first_at
), held AS (
    SELECT DISTINCT ON (n.endpoint, n.variant, n.first_at) n.scan AS in_scan, n.first_at, n.time AS late_at, o.*
    FROM next n
    JOIN observation o ON o.endpoint = n.endpoint AND o.variant = n.variant AND o.role = 1 AND o.peer IS NULL AND o.time <= n.first_at
    ORDER BY n.endpoint, n.variant, n.first_at, o.time DESC
)
INSERT INTO observation (time, endpoint, scan, chain, staple, position, tls_version, cipher_suite, named_group, sct_count, dns_us,
    connect_us, handshake_us, connections, method, role, variant, outcome, name_source, key_proven, peer, protocol, detail, alpn,
    digest)
SELECT first_at, endpoint, in_scan, chain, staple, NULL, tls_version, cipher_suite, named_group, sct_count, 0, 0, 0, 0, method, role,
       variant, outcome, name_source, key_proven, peer, protocol, detail, alpn, digest
FROM held
WHERE time <= late_at AND scan <> $1::bigint
