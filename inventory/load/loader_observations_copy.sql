COPY observation (time, position, dns_us, connect_us, handshake_us, connections, method, variant, name_source, key_proven,
    scan, endpoint, chain, staple, tls_version, cipher_suite, named_group, sct_count, role, outcome, peer, protocol,
    detail, alpn) FROM STDIN
