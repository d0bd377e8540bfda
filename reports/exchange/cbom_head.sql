-- The head of the bill. $1 site or NULL. Columns: a UUID of these facts (urn), when they were judged.
SELECT 'urn:uuid:' || overlay(overlay(m::text PLACING '5' FROM 15 FOR 1) PLACING 'a' FROM 20 FOR 1),
       to_char((SELECT as_of FROM report_as_of) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM (SELECT md5(coalesce($1::text, '') || (SELECT coalesce(max(id), 0) FROM reconcile_run WHERE NOT is_replay)::text
                 || (SELECT as_of FROM report_as_of)::text)::uuid AS m) h
