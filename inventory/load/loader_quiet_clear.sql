TRUNCATE in_quiet
