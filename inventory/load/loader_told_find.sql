-- A capture of the same site that has told exactly the same, and is here whole. $1 SHA-256 of what was told, $2 our
-- scan's id. Columns: its scan UUID; when it began
SELECT scan.scan_id, to_char(scan.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
FROM bundle other
JOIN scan ON scan.id = other.scan
JOIN scan ours ON ours.id = $2 AND ours.site = scan.site
WHERE other.told_sha256 = $1::bytea AND scan.id <> ours.id
ORDER BY scan.started_at
LIMIT 1
