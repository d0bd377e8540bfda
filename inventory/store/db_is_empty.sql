-- Column: tables that are in this database
SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()
