-- Stores the answers that become rows. $1 scan
INSERT INTO observation (time, endpoint, scan, chain, staple, position, tls_version, cipher_suite, named_group, sct_count, dns_us,
    connect_us, handshake_us, connections, method, role, variant, outcome, name_source, key_proven, peer, protocol, detail, alpn, digest)
SELECT time, endpoint, $1::bigint, chain, staple, position, tls_version, cipher_suite, named_group, sct_count,
       dns_us, connect_us, handshake_us, connections, method, role, variant, outcome, name_source,
       key_proven, peer, protocol, detail, alpn, digest
FROM in_full
