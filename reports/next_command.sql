-- The next useful command, one that runs as it stands. $1 site or NULL. One row.
WITH counted AS (
    SELECT n.subject, n.value FROM now_count n         -- findings about what is over and served nowhere ask for nothing
    LEFT JOIN now_count o ON o.site = n.site AND n.subject = 'severity' AND o.subject = 'over' AND o.value = n.value
    WHERE n.count > coalesce(o.count, 0) AND n.site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
), choice (rank, command, subject, value) AS (
    VALUES (2, 'certsweep report expired', 'served time', ARRAY['expired']),
           (3, 'certsweep report findings --severity critical', 'severity', ARRAY['critical']),
           (4, 'certsweep report unmanaged', 'served record', ARRAY['unmanaged']),
           (5, 'certsweep report expiring', 'served time', ARRAY['expiring', 'renewal due']),
           (6, 'certsweep report findings --severity high', 'severity', ARRAY['high']),
           (7, 'certsweep report discovery -o report.html', 'certificates', ARRAY['served now']),
           (8, 'certsweep report certificates', 'certificates', ARRAY['served or managed'])
)
SELECT command
FROM (SELECT 1 AS rank, 'certsweep reconcile' AS command WHERE EXISTS (SELECT FROM dirty) OR judged_before() IS NOT NULL
      UNION ALL SELECT c.rank, c.command || coalesce(' --site ' || shell_word($1), '')
                FROM choice c JOIN counted n ON n.subject = c.subject AND n.value = ANY (c.value)
      UNION ALL SELECT 9, 'certsweep scan --help') x
ORDER BY rank LIMIT 1
