-- Columns in the order of answer_copy().
COPY in_answer (row, handle, key, time, position, chain, staple, sct_count, dns_us, connect_us, handshake_us, connections, method,
    role, variant, outcome, name_source, key_proven, peer, tls_version, cipher_suite, named_group, protocol, detail, alpn)
FROM STDIN (FORMAT binary)
