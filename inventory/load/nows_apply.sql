-- Writes the present of endpoints that are new or whose present differs, and marks these to be judged again.
WITH came AS (
    INSERT INTO endpoint_now (endpoint, site, chains, leafs, tls_version, cipher_suite, named_group, protocol, alpn, tls_versions,
        cipher_suites, last_outcome, first_certificate_at, gone_at)
    SELECT n.endpoint, p.site, n.chains, n.leafs, e.tls_version, e.cipher_suite, e.named_group, e.protocol, e.alpn, n.tls_versions,
           n.cipher_suites, e.outcome, n.first_certificate_at, n.gone_at
    FROM in_now n
    JOIN endpoint p ON p.id = n.endpoint
    LEFT JOIN in_evidence e ON e.source = n.source
    WHERE NOT n.is_known
    RETURNING endpoint
)
INSERT INTO dirty (kind, id) SELECT 2, endpoint FROM came;
WITH differing AS (
    UPDATE endpoint_now o
    SET chains = n.chains, leafs = n.leafs, tls_version = e.tls_version, cipher_suite = e.cipher_suite, named_group = e.named_group,
        protocol = e.protocol, alpn = e.alpn, tls_versions = n.tls_versions, cipher_suites = n.cipher_suites,
        last_outcome = e.outcome, first_certificate_at = n.first_certificate_at, gone_at = n.gone_at
    FROM in_now n LEFT JOIN in_evidence e ON e.source = n.source
    WHERE n.is_known AND o.endpoint = n.endpoint
      AND (o.chains, o.leafs, o.tls_version, o.cipher_suite, o.named_group, o.protocol, o.alpn, o.tls_versions, o.cipher_suites,
           o.last_outcome, o.first_certificate_at, o.gone_at)
          IS DISTINCT FROM
          (n.chains, n.leafs, e.tls_version, e.cipher_suite, e.named_group, e.protocol, e.alpn, n.tls_versions, n.cipher_suites,
           e.outcome, n.first_certificate_at, n.gone_at)
    RETURNING o.endpoint
)
INSERT INTO dirty (kind, id) SELECT 2, endpoint FROM differing
