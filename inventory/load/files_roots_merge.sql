-- $1 scan. A bundle that is loaded again has the same roots.
INSERT INTO file_root (scan, host, path, settings, is_complete, from_at, to_at)
SELECT DISTINCT $1::bigint, r.host, r.path, r.settings, r.is_complete, r.from_at, r.to_at
FROM in_root r
WHERE NOT EXISTS (SELECT FROM file_root f WHERE f.scan = $1::bigint AND f.host = r.host AND f.path = r.path AND f.settings = r.settings
                  AND f.from_at = r.from_at)
