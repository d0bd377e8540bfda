-- Columns in the order of now_copy().
COPY in_now (endpoint, is_known, source, chains, leafs, tls_versions, cipher_suites, first_certificate_at, gone_at) FROM STDIN
