ANALYZE in_der (row, sha256)
