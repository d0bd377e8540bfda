-- Which answers of the batch are unchanged, which are late, and which are new? $1 scan. Late: not after the time up to
-- which another scan has been loaded, or an earlier batch has another answer to the same hello in this scan.
INSERT INTO in_class (row, endpoint, variant, time, is_same, is_late)
SELECT i.row, e.id, i.variant, i.time, a.endpoint IS NOT NULL,
       coalesce(i.time <= CASE WHEN b.scan = $1::bigint THEN b.before_at ELSE greatest(b.latest_at, b.before_at) END, false)
FROM in_answer i
JOIN endpoint e ON e.key = i.key
LEFT JOIN endpoint_block b ON b.block = e.id >> 12
LEFT JOIN answer_now a
       ON a.endpoint = e.id AND a.variant = i.variant AND a.settled AND a.role = 1 AND a.peer IS NULL
      AND i.role = 1 AND i.peer IS NULL
      AND coalesce(a.chain, 0) = coalesce(i.chain, 0) AND a.outcome = i.outcome
      AND coalesce(a.tls_version, 0) = coalesce(i.tls_version, 0)
      AND coalesce(a.cipher_suite, -1) = coalesce(i.cipher_suite, -1)
      AND coalesce(a.named_group, -1) = coalesce(i.named_group, -1)
      AND a.protocol = i.protocol AND a.detail IS NOT DISTINCT FROM i.detail AND a.alpn IS NOT DISTINCT FROM i.alpn
      AND a.key_proven IS NOT DISTINCT FROM i.key_proven
