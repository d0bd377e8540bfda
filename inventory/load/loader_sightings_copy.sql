COPY in_sighting (hour, first_at, last_at, count,
    scan, endpoint, chain, staple, tls_version, cipher_suite, named_group, sct_count, role, outcome, peer, protocol,
    detail, alpn) FROM STDIN
