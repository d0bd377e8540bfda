-- What does the inventory say in numbers? $1 filter (its site alone counts), $2 rows or NULL, $3 and $4 column to sort by, up and down.
-- Leaves served now or in the managed set, by axis and value; what ends when; places, and findings by severity. Reconcile
-- maintains these numbers. A command lists the rows that its line counts.
WITH at AS MATERIALIZED (
    SELECT CASE WHEN $1::jsonb->>'site' IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1::jsonb->>'site') END AS site,
           coalesce(' --site ' || shell_word($1::jsonb->>'site'), '') AS option
), counted AS MATERIALIZED (
    SELECT subject, value, count FROM now_count JOIN at USING (site)
), ending AS MATERIALIZED (
    SELECT w.days, (SELECT count(*) FROM certificates_wanted($1::jsonb, NULL) n
                    WHERE n.is_leaf AND n.ends_at >= r.as_of AND n.ends_at < r.as_of + make_interval(days => w.days)) AS count
    FROM report_as_of r, (VALUES (7), (30), (60), (90)) w (days)
), line (ordinal, subject, value, count, command) AS (
    SELECT 10 + ordinal, v.subject, v.value, coalesce(c.count, 0), v.command
    FROM (VALUES (0, 'certificates', 'served or managed', 'certsweep report certificates'), (1, 'certificates', 'served now', NULL),
                 (2, 'places', 'with a certificate', 'certsweep report endpoints')) v (ordinal, subject, value, command)
    LEFT JOIN counted c USING (subject, value)
    UNION ALL SELECT 20 + CASE value WHEN 'managed' THEN 0 WHEN 'unmanaged' THEN 1 WHEN 'accepted' THEN 2 WHEN 'ignored' THEN 3 ELSE 4 END,
                     'record', value, count,
                     CASE value WHEN 'unmanaged' THEN 'certsweep report unmanaged'
                                WHEN 'accepted' THEN 'certsweep report exceptions' WHEN 'ignored' THEN 'certsweep report exceptions'
                                WHEN 'not judged' THEN 'certsweep managed import --source NAME FILE' END
              FROM counted WHERE subject = 'served record'
    UNION ALL SELECT 30 + CASE value WHEN 'own' THEN 0 WHEN 'approved' THEN 1 WHEN 'foreign' THEN 2
                                     WHEN 'private' THEN 3 WHEN 'self-signed' THEN 4 ELSE 5 END,
                     'issuer', value, count,
                     CASE value WHEN 'foreign' THEN 'certsweep report foreign'
                                WHEN 'not judged' THEN 'certsweep policy use FILE' END
              FROM counted WHERE subject = 'issuer'
    UNION ALL SELECT 40 + CASE value WHEN 'expired' THEN 0 WHEN 'expiring' THEN 1 WHEN 'renewal due' THEN 2 ELSE 3 END,
                     'time', value, count,
                     CASE WHEN value IN ('expiring', 'renewal due') THEN 'certsweep report expiring'
                          WHEN value = 'expired' THEN 'certsweep report expired' END
              FROM counted WHERE subject = 'time'
    UNION ALL SELECT 50, 'ends within', days || ' days', count, 'certsweep report certificates --within ' || days FROM ending
    UNION ALL SELECT 60, 'deployment', value, count, NULL FROM counted WHERE subject = 'deployment'
    UNION ALL SELECT 61, 'recorded', 'not where it should be', sum(count)::bigint, 'certsweep report recorded'
              FROM counted WHERE subject = 'recorded' HAVING count(*) > 0
    UNION ALL SELECT 70 + s.rank, 'findings', c.value, c.count, 'certsweep report findings --severity ' || c.value
              FROM counted c JOIN severity s ON s.name = c.value WHERE c.subject = 'severity'
)
SELECT * FROM (
SELECT subject, value, count, command || CASE WHEN command LIKE 'certsweep report%' THEN at.option ELSE '' END AS command, ordinal
FROM line CROSS JOIN at WHERE count > 0 OR ordinal < 20
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, ordinal, length(value), value LIMIT $2::bigint
