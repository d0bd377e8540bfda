-- What does the inventory say in numbers? $1 site or NULL, $2 rows or NULL
-- Leaves served now or in the managed set, by axis and value; then places, and policy hits by severity. Reconcile
-- maintains all of these numbers.
WITH counted AS (
    SELECT subject, value, count FROM now_count
    WHERE site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
), line (ordinal, subject, value, count, command) AS (
    SELECT 10 + ordinal, v.subject, v.value, coalesce(c.count, 0), NULL::text
    FROM (VALUES (0, 'certificates', 'served or managed'), (1, 'certificates', 'served now'),
                 (2, 'places', 'with a certificate')) v (ordinal, subject, value)
    LEFT JOIN counted c USING (subject, value)
    UNION ALL SELECT 20 + CASE value WHEN 'managed' THEN 0 WHEN 'unmanaged' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END,
                     'record', value, count,
                     CASE value WHEN 'unmanaged' THEN 'certsweep report unmanaged'
                                WHEN 'not judged' THEN 'certsweep managed import --source NAME FILE' END
              FROM counted WHERE subject = 'served record'
    UNION ALL SELECT 30 + CASE value WHEN 'own' THEN 0 WHEN 'approved' THEN 1 WHEN 'foreign' THEN 2
                                     WHEN 'private' THEN 3 WHEN 'self-signed' THEN 4 ELSE 5 END,
                     'issuer', value, count,
                     CASE value WHEN 'foreign' THEN 'certsweep report foreign'
                                WHEN 'not judged' THEN 'certsweep policy use FILE' END
              FROM counted WHERE subject = 'served issuer'
    UNION ALL SELECT 40 + CASE value WHEN 'expired' THEN 0 WHEN 'expiring' THEN 1 WHEN 'renewal due' THEN 2 ELSE 3 END,
                     'time', value, count,
                     CASE WHEN value IN ('expired', 'expiring', 'renewal due') THEN 'certsweep report expiring' END
              FROM counted WHERE subject = 'time'
    UNION ALL SELECT 50, 'deployment', value, count, NULL FROM counted WHERE subject = 'deployment'
    UNION ALL SELECT 60 + s.rank, 'policy', c.value, c.count, 'certsweep report findings'
              FROM counted c JOIN severity s ON s.name = c.value WHERE c.subject = 'severity'
)
SELECT subject, value, count, command FROM line WHERE count > 0 OR ordinal < 20 ORDER BY ordinal, value LIMIT $2::bigint
