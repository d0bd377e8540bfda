-- Makes room for the table of cipher suites anew.
DELETE FROM cipher_suite
