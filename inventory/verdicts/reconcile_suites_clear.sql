-- Empties the table of cipher suites before it is filled again.
DELETE FROM cipher_suite
