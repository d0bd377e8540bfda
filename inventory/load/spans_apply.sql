-- Writes changed spans. One that goes on keeps its row: what changes is in no index, so that only the row's own page is written where it has
-- room. The rows that are closed for good are deleted and inserted into another partition; new ones are inserted.
-- (A row's place is where history_batch.sql has found it: their pages are read one after the other, and no others. The other columns guard against
-- another row there by now; they are compared so that the planner does not join by them.)
WITH dropped AS MATERIALIZED (
    SELECT e.place, e.endpoint, e.variant, e.chain, e.first_at FROM in_dropped d JOIN in_evidence e ON e.source = d.source
)
DELETE FROM answer_now a
USING dropped o
WHERE a.ctid = ANY (ARRAY(SELECT place FROM dropped)) AND a.ctid = o.place AND (a.endpoint, a.variant, a.chain, a.from_at) IS NOT DISTINCT FROM (o.endpoint, o.variant, o.chain, o.first_at);
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
WHERE a.ctid = ANY (ARRAY(SELECT place FROM held)) AND a.ctid = o.place AND (a.endpoint, a.variant, a.chain, a.from_at) IS NOT DISTINCT FROM (o.endpoint, o.variant, o.chain, o.first_at);
INSERT INTO answer_span (endpoint, role, peer, variant, chain, from_at, closed_at, missed, several, is_last, settled, tracked, scan,
    outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest)
SELECT e.endpoint, e.role, e.peer, e.variant, e.chain, s.from_at, s.closed_at, s.missed, s.several, s.is_last, s.settled, s.tracked,
       s.scan, e.outcome, e.tls_version, e.cipher_suite, e.named_group, e.key_proven, e.protocol, e.detail, e.alpn, e.digest
FROM in_span s JOIN in_evidence e ON e.source = s.source
WHERE s.held IS NULL
