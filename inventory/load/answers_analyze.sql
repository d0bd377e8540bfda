ANALYZE in_answer
