-- Collects the evidence for the history of these endpoints: their earlier spans, and the batch's answers. $1 scan
INSERT INTO in_evidence (kind, endpoint, role, peer, variant, chain, chain_sha256, leaf, scan, first_at, last_at, closed_at, missed, several, is_last,
    absent, finished, outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest, place)
SELECT 1, a.endpoint, a.role, a.peer, a.variant, a.chain, c.sha256, c.leaf, a.scan, a.from_at, a.from_at, a.closed_at, a.missed, a.several,
       a.is_last, coalesce(o.is_absence, false), false, a.outcome, a.tls_version, a.cipher_suite, a.named_group, a.key_proven,
       a.protocol, a.detail, a.alpn, a.digest, a.ctid
FROM in_changed k
JOIN answer_now a ON a.endpoint = k.endpoint
LEFT JOIN chain c ON c.id = a.chain
LEFT JOIN outcome o ON o.id = a.outcome
WHERE k.is_known
UNION ALL
SELECT 2, i.endpoint, i.role, i.peer, i.variant, i.chain, c.sha256, c.leaf, $1::bigint, i.time, i.time, NULL, 0, false, false,
       coalesce(o.is_absence, false), false, i.outcome, i.tls_version, i.cipher_suite, i.named_group, i.key_proven, i.protocol,
       i.detail, i.alpn, i.digest, NULL
FROM in_full i
JOIN in_changed k ON k.endpoint = i.endpoint AND NOT k.is_single
LEFT JOIN chain c ON c.id = i.chain
LEFT JOIN outcome o ON o.id = i.outcome
WHERE NOT i.is_late
