-- Which sources of managed certificates are there, and how fresh is each?
SELECT s.name AS source,
       (SELECT count(*) FROM managed_record r WHERE r.source = s.id AND r.valid_to IS NULL) AS records,
       i.imported_at::timestamptz(0) AS imported_at, array_to_string(i.files, E'\n') AS files, array_to_string(i.profiles, E'\n') AS profiles,
       i.bad_count AS faults
FROM managed_source s
LEFT JOIN LATERAL (SELECT * FROM managed_import i WHERE i.source = s.id ORDER BY imported_at DESC LIMIT 1) i ON true
ORDER BY s.name
