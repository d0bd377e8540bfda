-- Which rows could not be stored as they are? Columns: kind, subject, reason
SELECT s.stage AS kind, coalesce('certificate ' || encode(c.sha256, 'hex'),
                         'bundle ' || encode(b.bundle_id, 'hex') || ', row ' || s.bundle_row || ' of ' || s.bundle_table) AS subject, s.reason
FROM set_aside s
LEFT JOIN certificate c ON c.id = s.certificate
LEFT JOIN bundle b ON b.id = s.bundle
UNION ALL
SELECT 'facts', 'certificate ' || encode(c.sha256, 'hex'), 'no facts yet: the next load or reconcile computes them'
FROM certificate c WHERE NOT EXISTS (SELECT FROM certificate_facts f WHERE f.certificate = c.id)
UNION ALL
SELECT 'names', 'certificate ' || encode(c.sha256, 'hex'),
       f.names_omitted || ' names more than are kept here; all of them are in its DER'
FROM certificate_facts f JOIN certificate c ON c.id = f.certificate
WHERE f.names_omitted > 0
UNION ALL
SELECT 'time', 'scan ' || scan_id,
       rows_ahead || ' rows claim to be from later than a day after they were loaded: kept, never the present'
FROM scan WHERE rows_ahead > 0
ORDER BY 1, 2
