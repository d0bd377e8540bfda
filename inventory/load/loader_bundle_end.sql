-- Marks the bundle as loaded completely. $1 bundle, $2 sealed, $3 lines of its name list,
-- $4 bundle_reader_told(), or NULL
UPDATE bundle SET sealed = $2, target_lines = $3, told_sha256 = $4 WHERE id = $1
