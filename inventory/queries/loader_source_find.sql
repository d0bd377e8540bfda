-- Other runs over the same capture file. $1 SHA-256 of the file, $2 our scan's id.
-- Columns: id; finished (t or f)
SELECT other.id, other.finished_at IS NOT NULL
FROM scan other JOIN scan ours ON ours.id = $2 AND ours.site = other.site
WHERE other.source_sha256 = $1::bytea AND other.id <> ours.id
ORDER BY other.finished_at IS NULL
