-- The next useful command. $1 site or NULL. One row.
WITH counted AS (
    SELECT subject, value FROM now_count
    WHERE count > 0 AND site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
), choice (rank, command, subject, value) AS (
    VALUES (1, 'certsweep managed import --source NAME FILE    (what you manage: until then no certificate is judged as '
               'managed or unmanaged)', 'served record', ARRAY['not judged']),
           (2, 'certsweep policy use FILE    (which CAs are yours: until then no issuer is judged; certsweep policy show '
               'gives a file to begin with)', 'served issuer', ARRAY['not judged']),
           (3, 'certsweep report unmanaged', 'served record', ARRAY['unmanaged']),
           (4, 'certsweep report expiring', 'served time', ARRAY['expired', 'expiring', 'renewal due']),
           (5, 'certsweep report discovery -o report.html', 'certificates', ARRAY['served now'])
)
SELECT command
FROM (SELECT c.rank, c.command FROM choice c JOIN counted n ON n.subject = c.subject AND n.value = ANY (c.value)
      UNION ALL SELECT 6, 'certsweep scan TARGET...    (nothing is known yet)') x
ORDER BY rank LIMIT 1
