-- Replaces changed spans: deletes those that are continued, then inserts the new form of each from in_span.
-- (The dropped ones are found first: what is known of the columns' values tells the planner nothing of how few these are.)
WITH dropped AS MATERIALIZED (
    SELECT e.endpoint, e.role, e.peer, e.variant, e.chain, e.first_at FROM in_dropped d JOIN in_evidence e ON e.source = d.source
)
DELETE FROM answer_now a
USING dropped e
WHERE a.endpoint = e.endpoint AND a.role = e.role AND a.variant = e.variant AND a.from_at = e.first_at
  AND a.peer IS NOT DISTINCT FROM e.peer AND a.chain IS NOT DISTINCT FROM e.chain;
INSERT INTO answer_span (endpoint, role, peer, variant, chain, from_at, closed_at, missed, several, is_last, settled, tracked, scan,
    outcome, tls_version, cipher_suite, named_group, key_proven, protocol, detail, alpn, digest)
SELECT e.endpoint, e.role, e.peer, e.variant, e.chain, s.from_at, s.closed_at, s.missed, s.several, s.is_last, s.settled, s.tracked,
       s.scan, e.outcome, e.tls_version, e.cipher_suite, e.named_group, e.key_proven, e.protocol, e.detail, e.alpn, e.digest
FROM in_span s JOIN in_evidence e ON e.source = s.source
