ANALYZE in_class (endpoint, variant, time, is_same, is_late, key)
