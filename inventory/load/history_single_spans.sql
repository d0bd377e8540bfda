-- The history of an endpoint with a single answer needs no computing (answer_history.c would say the same): one span, open. $1 scan
INSERT INTO answer_now (endpoint, role, variant, chain, from_at, is_last, settled, tracked, scan, outcome, tls_version, cipher_suite,
    named_group, key_proven, protocol, detail, alpn, digest)
SELECT f.endpoint, 1, f.variant, f.chain, f.time, true, true, true, $1::bigint, f.outcome, f.tls_version, f.cipher_suite,
       f.named_group, f.key_proven, f.protocol, f.detail, f.alpn, f.digest
FROM in_full f JOIN in_changed k ON k.endpoint = f.endpoint
WHERE k.is_single
