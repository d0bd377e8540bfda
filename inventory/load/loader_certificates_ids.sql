-- Takes $1 ids for new certificates. (The sequence is looked up once, not for each id.)
SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('certificate', 'id')::regclass AS name OFFSET 0) s, generate_series(1, $1::integer)
