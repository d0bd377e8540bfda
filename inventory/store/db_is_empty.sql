-- How many tables does this database have? Column: count
SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()
