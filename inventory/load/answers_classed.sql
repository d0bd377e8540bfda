ANALYZE in_class (endpoint, is_same, is_late)
