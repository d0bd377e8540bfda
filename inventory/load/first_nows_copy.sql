COPY endpoint_now (endpoint, site, chains, leafs, tls_version, cipher_suite, named_group, protocol, alpn, tls_versions, cipher_suites,
    last_outcome, first_certificate_at)
FROM STDIN (FORMAT binary)
