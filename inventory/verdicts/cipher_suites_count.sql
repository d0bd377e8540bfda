-- How many cipher suites are in the database?
SELECT count(*) FROM cipher_suite
