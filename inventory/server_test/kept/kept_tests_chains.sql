-- The chains that were served when tests were made. $1 endpoints and $2 times in microseconds: parallel arrays.
-- Columns: which of them, variant, version, suite, group, whether the key was proven, SCTs in the handshake,
-- the stapled response or NULL, position, DER
WITH asked AS MATERIALIZED (
    SELECT a.ordinal, a.endpoint, to_timestamp(a.us / 1000000) + (a.us % 1000000) * interval '1 microsecond' AS time
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY a (endpoint, us, ordinal)
), shown AS MATERIALIZED (
    SELECT DISTINCT ON (a.ordinal, s.variant) a.ordinal, s.*
    FROM asked a JOIN answer_span s ON s.endpoint = a.endpoint
    WHERE s.chain IS NOT NULL AND s.role = 1 AND s.peer IS NULL AND s.variant <> 8 AND s.from_at <= a.time
      AND (s.closed_at IS NULL OR s.closed_at > a.time)
    ORDER BY a.ordinal, s.variant, s.from_at DESC, s.chain
)
SELECT s.ordinal, s.variant::bigint, coalesce(s.tls_version, 0)::bigint, coalesce(s.cipher_suite, -1)::bigint, coalesce(s.named_group, -1)::bigint,
       s.key_proven, coalesce(o.sct_count, 0)::bigint, o.staple, c.position::bigint, d.der
FROM shown s
JOIN chain_certificate c ON c.chain = s.chain
JOIN certificate d ON d.id = c.certificate
LEFT JOIN LATERAL (SELECT o.sct_count, t.der AS staple FROM observation o LEFT JOIN staple t ON t.id = o.staple
                   WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.variant = s.variant ORDER BY o.time DESC LIMIT 1) o ON true
ORDER BY s.ordinal, s.variant, c.position
