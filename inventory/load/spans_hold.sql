-- Writes changed spans that go on. Each keeps its row: what changes is in no index, so that only the row's own page is written where it has room.
-- (By place, as spans_drop.sql.)
WITH held AS MATERIALIZED (
    SELECT o.place, o.endpoint, o.variant, o.chain, o.first_at, s.closed_at, s.missed, s.several, s.is_last, s.settled, s.scan, e.outcome,
           e.tls_version, e.cipher_suite, e.named_group, e.key_proven, e.protocol, e.detail, e.alpn, e.digest
    FROM in_span s JOIN in_evidence o ON o.source = s.held JOIN in_evidence e ON e.source = s.source
)
UPDATE answer_now a
SET closed_at = o.closed_at, missed = o.missed, several = o.several, is_last = o.is_last, settled = o.settled, scan = o.scan,
    outcome = o.outcome, tls_version = o.tls_version, cipher_suite = o.cipher_suite, named_group = o.named_group,
    key_proven = o.key_proven, protocol = o.protocol, detail = o.detail, alpn = o.alpn, digest = o.digest
FROM held o
WHERE a.ctid = ANY (ARRAY(SELECT place FROM held)) AND a.ctid = o.place AND (a.endpoint, a.variant, a.chain,
    a.from_at) IS NOT DISTINCT FROM (o.endpoint, o.variant, o.chain, o.first_at)
