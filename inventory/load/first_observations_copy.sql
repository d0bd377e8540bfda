-- From digest on in the order of answer_columns_copy().
COPY observation (endpoint, scan, digest, time, position, chain, staple, sct_count, dns_us, connect_us, handshake_us, connections,
    method, role, variant, outcome, name_source, key_proven, peer, tls_version, cipher_suite, named_group, protocol, detail, alpn)
FROM STDIN (FORMAT binary)
