-- All of the answers that become rows. Columns in the order of full_copy().
COPY in_full (row, endpoint, is_late, is_ahead, digest, time, position, chain, staple, sct_count, dns_us, connect_us, handshake_us, connections,
    method, role, variant, outcome, name_source, key_proven, peer, tls_version, cipher_suite, named_group, protocol, detail, alpn)
FROM STDIN (FORMAT binary)
