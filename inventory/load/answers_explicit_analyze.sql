ANALYZE in_explicit (row)
