-- What does the inventory say in numbers? $1 site or NULL
-- Leaves served now or in the managed set, by axis and value; then places, and policy hits by severity.
WITH leaf AS MATERIALIZED (
    SELECT c.* FROM report_certificate c
    WHERE $1::text IS NULL OR c.certificate IN (SELECT p.certificate FROM report_place p WHERE p.site = $1)
), place AS MATERIALIZED (
    SELECT * FROM report_place WHERE $1::text IS NULL OR site = $1
), hit AS MATERIALIZED (
    SELECT h.* FROM report_policy_hit h
    WHERE $1::text IS NULL OR h.certificate IN (SELECT certificate FROM place)
          OR h.endpoint IN (SELECT endpoint FROM place)
), line (ordinal, subject, value, count, command) AS (
    SELECT 10, 'certificates', 'served or managed', count(*), NULL::text FROM leaf
    UNION ALL SELECT 11, 'certificates', 'served now', count(*), NULL FROM leaf WHERE place_count > 0
    UNION ALL SELECT 12, 'places', 'with a certificate', count(DISTINCT endpoint), NULL FROM place
    UNION ALL SELECT 20 + CASE record WHEN 'managed' THEN 0 WHEN 'unmanaged' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END,
                     'record', record, count(*),
                     CASE record WHEN 'unmanaged' THEN 'certsweep report unmanaged'
                                 WHEN 'not judged' THEN 'certsweep managed import --source NAME FILE' END
              FROM leaf WHERE place_count > 0 GROUP BY record
    UNION ALL SELECT 30 + CASE issuer_kind WHEN 'own' THEN 0 WHEN 'approved' THEN 1 WHEN 'foreign' THEN 2
                                           WHEN 'private' THEN 3 WHEN 'self-signed' THEN 4 ELSE 5 END,
                     'issuer', issuer_kind, count(*),
                     CASE issuer_kind WHEN 'foreign' THEN 'certsweep report foreign'
                                      WHEN 'not judged' THEN 'certsweep policy use FILE' END
              FROM leaf WHERE place_count > 0 GROUP BY issuer_kind
    UNION ALL SELECT 40 + CASE time WHEN 'expired' THEN 0 WHEN 'expiring' THEN 1 WHEN 'renewal due' THEN 2 ELSE 3 END,
                     'time', time, count(*),
                     CASE WHEN time IN ('expired', 'expiring', 'renewal due') THEN 'certsweep report expiring' END
              FROM leaf GROUP BY time
    UNION ALL SELECT 50, 'deployment', deployment, count(*), NULL FROM place WHERE deployment IS NOT NULL
              GROUP BY deployment
    UNION ALL SELECT 60 + severity_rank, 'policy', severity, count(*), 'certsweep report weak' FROM hit
              GROUP BY severity, severity_rank
)
SELECT subject, value, count, command FROM line WHERE count > 0 OR ordinal < 20 ORDER BY ordinal, value
