ANALYZE in_hash
