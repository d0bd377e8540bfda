-- An owner's events. $1 owner, $2 site ('' all). Columns: UID, day, day after, summary, description, sequence, cancelled, changed, overdue.
SELECT uid, to_char(day, 'YYYYMMDD'), to_char(day + 1, 'YYYYMMDD'), summary, description, sequence, is_cancelled,
       to_char(changed_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'), overdue_since IS NOT NULL
FROM calendar_event
WHERE owner = $1 AND site = $2 AND (NOT is_cancelled OR changed_at > (SELECT as_of FROM report_as_of) - interval '400 days')
ORDER BY day, uid
