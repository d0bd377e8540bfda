-- Inserts the spans that are new, and those that spans_drop.sql has deleted.
INSERT INTO answer_span (endpoint, role, peer, variant, chain, from_at, closed_at, missed, several, is_last, settled, tracked, scan,
    outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest)
SELECT e.endpoint, e.role, e.peer, e.variant, e.chain, s.from_at, s.closed_at, s.missed, s.several, s.is_last, s.settled, s.tracked,
       s.scan, e.outcome, e.tls_version, e.cipher_suite, e.named_group, e.key_proven, e.protocol, e.detail, e.alpn, e.digest
FROM in_span s JOIN in_evidence e ON e.source = s.source
WHERE s.held IS NULL
