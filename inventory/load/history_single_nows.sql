-- The present of such an endpoint, that it is new, and that it is to be judged. $1 site
WITH single AS MATERIALIZED (
    SELECT f.endpoint, f.chain, c.leaf, f.time, f.outcome, f.tls_version, f.cipher_suite, f.named_group, f.protocol, f.alpn
    FROM in_full f JOIN in_changed k ON k.endpoint = f.endpoint LEFT JOIN chain c ON c.id = f.chain
    WHERE k.is_single
), came AS (
    INSERT INTO event (endpoint, kind, time, chain_after) SELECT endpoint, 'new', time, chain FROM single WHERE chain IS NOT NULL ORDER BY endpoint
), marks AS (
    INSERT INTO dirty (kind, id) SELECT 2, endpoint FROM single
)
INSERT INTO endpoint_now (endpoint, site, chains, leafs, tls_version, cipher_suite, named_group, protocol, alpn, tls_versions,
    cipher_suites, last_outcome, first_certificate_at)
SELECT endpoint, $1::bigint, CASE WHEN chain IS NULL THEN '{}' ELSE ARRAY[chain] END, CASE WHEN chain IS NULL THEN '{}' ELSE ARRAY[leaf] END,
       tls_version, cipher_suite, named_group, protocol, alpn, CASE WHEN tls_version IS NULL THEN '{}' ELSE ARRAY[tls_version] END,
       CASE WHEN cipher_suite IS NULL THEN '{}' ELSE ARRAY[cipher_suite] END, outcome, CASE WHEN chain IS NOT NULL THEN time END
FROM single
ORDER BY endpoint               -- a sorted index is written page by page, and neighbours lie side by side
