-- Takes $1 ids for new chains.
SELECT nextval(pg_get_serial_sequence('chain', 'id')) FROM generate_series(1, $1::integer)
