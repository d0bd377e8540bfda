-- Finds a capture of the same site with exactly the same sightings that was loaded completely. $1 SHA-256 over the sightings
-- (bundle_reader_told()), $2 our scan's id. Columns: its scan UUID; when it began
SELECT scan.scan_id, to_char(scan.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
FROM bundle other
JOIN scan ON scan.id = other.scan
JOIN scan ours ON ours.id = $2 AND ours.site = scan.site
WHERE other.told_sha256 = $1::bytea AND scan.id <> ours.id
ORDER BY scan.started_at
LIMIT 1
