-- Takes $1 ids for new certificates.
SELECT nextval(pg_get_serial_sequence('certificate', 'id')) FROM generate_series(1, $1::integer)
