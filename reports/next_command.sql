-- The next useful command. $1 site or NULL. One row.
WITH leaf AS MATERIALIZED (
    SELECT c.record, c.issuer_kind, c.time FROM report_certificate c
    WHERE c.place_count > 0 AND ($1::text IS NULL OR c.certificate IN
          (SELECT p.certificate FROM report_place p WHERE p.site = $1))
), choice (rank, command, holds) AS (
    VALUES (1, 'certsweep managed import --source NAME FILE    (what you manage: until then no certificate is judged as '
               'managed or unmanaged)', EXISTS (SELECT 1 FROM leaf WHERE record = 'not judged')),
           (2, 'certsweep policy use FILE    (which CAs are yours: until then no issuer is judged; certsweep policy show '
               'gives a file to begin with)', EXISTS (SELECT 1 FROM leaf WHERE issuer_kind = 'not judged')),
           (3, 'certsweep report unmanaged', EXISTS (SELECT 1 FROM leaf WHERE record = 'unmanaged')),
           (4, 'certsweep report expiring', EXISTS (SELECT 1 FROM leaf WHERE time IN ('expired', 'expiring', 'renewal due'))),
           (5, 'certsweep report discovery -o report.html', EXISTS (SELECT 1 FROM leaf)),
           (6, 'certsweep scan TARGET...    (nothing is known yet)', true)
)
SELECT command FROM choice WHERE holds ORDER BY rank LIMIT 1
