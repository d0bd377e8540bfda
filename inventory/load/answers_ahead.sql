-- Moves answers dated later than a day from now to a table of their own. $1 scan
WITH ahead AS (
    DELETE FROM in_full WHERE is_ahead RETURNING *
)
INSERT INTO observation_ahead (time, endpoint, scan, chain, staple, position, tls_version, cipher_suite, named_group, sct_count, dns_us,
    connect_us, handshake_us, connections, method, role, variant, outcome, name_source, key_proven, peer, protocol, detail, alpn, digest)
SELECT i.time, i.endpoint, $1::bigint, i.chain, i.staple, i.position, i.tls_version, i.cipher_suite, i.named_group, i.sct_count,
       i.dns_us, i.connect_us, i.handshake_us, i.connections, i.method, i.role, i.variant, i.outcome, i.name_source,
       i.key_proven, i.peer, i.protocol, i.detail, i.alpn, i.digest
FROM ahead i
