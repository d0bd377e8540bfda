-- Collects the evidence for the history of these endpoints: their earlier spans, and the batch's answers. $1 scan
INSERT INTO in_evidence (kind, endpoint, role, peer, variant, chain, chain_sha256, leaf, scan, first_at, last_at, closed_at, missed, several, is_last,
    absent, finished, outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest, place)
SELECT e.kind, e.endpoint, e.role, e.peer, e.variant, e.chain, c.sha256, c.leaf, e.scan, e.time, e.time, e.closed_at, e.missed, e.several,
       e.is_last, coalesce(o.is_absence, false), false, e.outcome, e.tls_version, e.cipher_suite, e.named_group, e.key_proven,
       e.protocol, e.detail, e.alpn, e.digest, e.place
FROM (
    SELECT 1 AS kind, a.endpoint, a.role, a.peer, a.variant, a.chain, a.scan, a.from_at AS time, a.closed_at, a.missed, a.several, a.is_last,
           a.outcome, a.tls_version, a.cipher_suite, a.named_group, a.key_proven, a.protocol, a.detail, a.alpn, a.digest, a.ctid AS place
    FROM in_changed k
    JOIN answer_now a ON a.endpoint = k.endpoint
    WHERE k.is_known
    UNION ALL
    SELECT 2, i.endpoint, i.role, i.peer, i.variant, i.chain, $1::bigint, i.time, NULL, 0, false, false,
           i.outcome, i.tls_version, i.cipher_suite, i.named_group, i.key_proven, i.protocol, i.detail, i.alpn, i.digest, NULL
    FROM in_full i
    JOIN in_changed k ON k.endpoint = i.endpoint AND NOT k.is_single
    WHERE NOT i.is_late) e
LEFT JOIN chain c ON c.id = e.chain
LEFT JOIN outcome o ON o.id = e.outcome
