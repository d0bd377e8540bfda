-- How many suites does the database know?
SELECT count(*) FROM cipher_suite
