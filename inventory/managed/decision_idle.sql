-- Of the certificates that a filter finds: those that a source manages, so that being accepted, ignored or adopted says nothing of them. Those that
-- are managed by a decision alone are not meant: the latest decision holds. $1 filter. Columns: how many, one of their names, their sources.
SELECT count(*), min(n.name), string_agg(DISTINCT s.name, ', ')
FROM decision_filter f
JOIN certificate_now n ON filter_finds(f, n)
JOIN managed_record r ON r.id = n.record_id
JOIN managed_source s ON s.id = r.source
WHERE f.id = $1::bigint AND f.kind IN ('accept', 'ignore', 'adopt') AND n.record = 'managed' AND n.record_step NOT IN ('R-linked', 'R-adopted')
