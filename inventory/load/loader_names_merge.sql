-- If a line was asked twice, the earlier answer is kept.
INSERT INTO name_asked AS n (scan, line, name, outcome, detail, time, address_count)
SELECT DISTINCT ON (scan, line) scan, line, name, outcome, detail, time, address_count
FROM in_name ORDER BY scan, line, time
ON CONFLICT (scan, line) DO UPDATE
SET name = excluded.name, outcome = excluded.outcome, detail = excluded.detail, time = excluded.time,
    address_count = excluded.address_count
WHERE excluded.time < n.time
