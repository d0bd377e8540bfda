-- Columns: bytes of the database, certificates, endpoints, scans
SELECT pg_database_size(current_database()), (SELECT count(*) FROM certificate), (SELECT count(*) FROM endpoint),
       (SELECT count(*) FROM scan)
