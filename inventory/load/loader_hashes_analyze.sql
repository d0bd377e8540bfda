ANALYZE in_hash (row, sha256)
