-- What is in use. Columns: chart (issuer, key, version, quantum), label, count, kind: good, fault (what the policy wants
-- changed or explained), unknown (not judged, not tested). At most eight lines a chart; of the others one for each kind.
WITH fact AS MATERIALIZED (
    SELECT d.issuer, d.issuer_name, f.key_algorithm, f.key_bits, f.key_curve, count(*) AS count
    FROM document_certificate d LEFT JOIN certificate_facts f USING (certificate)
    GROUP BY d.issuer, d.issuer_name, f.key_algorithm, f.key_bits, f.key_curve
), answer AS MATERIALIZED (         -- how many places answer in the same way
    SELECT e.named_group, e.tls_version, e.tls_versions, q.accepted, q.answered, count(*) AS count
    FROM (SELECT DISTINCT p.endpoint FROM document_place p JOIN document_certificate d USING (certificate) WHERE p.endpoint <> 0 AND p.is_theirs) x
    JOIN endpoint_now e USING (endpoint)
    LEFT JOIN (SELECT endpoint, bool_and(value <> 'untested') AS answered,
                      array_agg(CASE item WHEN 'sslv2' THEN 2 WHEN 'sslv3' THEN 768 WHEN 'tls10' THEN 769 WHEN 'tls11' THEN 770 END)
                          FILTER (WHERE value = 'accepted') AS accepted
               FROM posture_current
               WHERE item IN ('sslv2', 'sslv3', 'tls10', 'tls11')
                     AND endpoint = ANY (ARRAY(SELECT DISTINCT p.endpoint FROM document_place p WHERE p.endpoint IN (SELECT o.endpoint FROM posture o)))
               GROUP BY endpoint) q USING (endpoint)
    GROUP BY e.named_group, e.tls_version, e.tls_versions, q.accepted, q.answered
), spoken AS MATERIALIZED (        -- the oldest version that is known to be spoken
    SELECT named_group, tls_version, answered, count, (SELECT min(v) FROM unnest(tls_versions || accepted) v WHERE v < 60000) AS oldest FROM answer
), line (chart, label, kind, count, fixed) AS (
    SELECT 'issuer', CASE WHEN issuer = 'self-signed' THEN 'Self-signed'
                          WHEN issuer IS NULL OR issuer = 'not judged' THEN coalesce(issuer_name, 'no name')
                          ELSE coalesce(issuer_name, 'no name') || ', ' || CASE issuer WHEN 'unknown' THEN 'no known root' ELSE issuer END END,
           CASE WHEN issuer IN ('own', 'approved') THEN 'good' WHEN issuer IS NULL OR issuer = 'not judged' THEN 'unknown' ELSE 'fault' END,
           sum(count)::bigint, 0
    FROM fact GROUP BY 1, 2, 3
    UNION ALL
    SELECT 'key', coalesce(CASE key_algorithm WHEN 'rsa' THEN 'RSA ' || key_bits WHEN 'rsa-pss' THEN 'RSA-PSS ' || key_bits
                               WHEN 'ec' THEN 'ECDSA ' || coalesce(key_curve, key_bits::text) WHEN 'dsa' THEN 'DSA ' || key_bits
                               ELSE initcap(key_algorithm) END, 'Not readable'),
           CASE WHEN key_algorithm IS NULL THEN 'unknown'
                WHEN key_algorithm = 'dsa' OR key_algorithm LIKE 'rsa%' AND key_bits < 2048 OR key_algorithm = 'ec' AND key_bits < 256
                THEN 'fault' ELSE 'good' END, sum(count)::bigint, 0
    FROM fact GROUP BY 1, 2, 3
    UNION ALL
    SELECT 'version', CASE WHEN oldest < 771 OR answered THEN replace(tls_version_name(oldest), 'TLSv', 'TLS ') ELSE 'Older ones not tested' END,
           CASE WHEN oldest < 771 THEN 'fault' WHEN answered THEN 'good' ELSE 'unknown' END, sum(count)::bigint,
           CASE WHEN oldest < 771 OR answered THEN 10000 - oldest ELSE 20000 END
    FROM spoken GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT 'quantum', label, kind, sum(count)::bigint, fixed
    FROM (SELECT count, CASE WHEN named_group IN (512, 513, 514, 4587, 4588, 4589, 25497) THEN 'Hybrid or ML-KEM group'
                      WHEN tls_version IS NULL OR (tls_version = 772 AND named_group IS NULL) THEN 'Not known'
                      WHEN tls_version = 772 THEN 'TLS 1.3, classical group'
                      ELSE 'TLS 1.2 or older: not possible' END AS label,
                 CASE WHEN named_group IN (512, 513, 514, 4587, 4588, 4589, 25497) THEN 'good'
                      WHEN tls_version IS NULL OR (tls_version = 772 AND named_group IS NULL) THEN 'unknown' ELSE 'fault' END AS kind,
                 CASE WHEN named_group IN (512, 513, 514, 4587, 4588, 4589, 25497) THEN 1 WHEN tls_version = 772 THEN 2
                      WHEN tls_version IS NULL THEN 4 ELSE 3 END AS fixed
          FROM spoken) g GROUP BY label, kind, fixed
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY chart ORDER BY fixed, count DESC, label) AS place,
           count(*) OVER (PARTITION BY chart) AS lines FROM line
)
SELECT chart, label, count, kind FROM (
    SELECT chart, place, label, count::bigint, kind FROM ranked WHERE place <= 8 OR lines = 9
    UNION ALL
    SELECT chart, CASE kind WHEN 'good' THEN 9 WHEN 'fault' THEN 10 ELSE 11 END,
           counted_grouped(count(*), 'other') || CASE WHEN chart <> 'issuer' THEN '' WHEN kind = 'good' THEN ', own or approved'
               WHEN kind = 'unknown' THEN ', not judged' ELSE '' END,
           sum(count)::bigint, kind
    FROM ranked WHERE place > 8 AND lines > 9 GROUP BY chart, kind) shown
ORDER BY array_position(ARRAY['issuer', 'key', 'version', 'quantum'], chart), place
