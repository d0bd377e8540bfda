COPY in_sighting (scan, hour, endpoint, role, outcome, chain, peer, tls_version, cipher_suite, named_group, protocol,
    detail, alpn, first_at, last_at, count) FROM STDIN
