ANALYZE in_answer (row)
