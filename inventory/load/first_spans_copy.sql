COPY answer_now (endpoint, role, variant, chain, from_at, is_last, settled, tracked, scan, outcome, tls_version, cipher_suite,
    named_group, key_proven, protocol, detail, alpn, digest)
FROM STDIN (FORMAT binary)
