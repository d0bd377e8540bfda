-- Takes $1 numbers for new endpoints.
SELECT nextval('place_id') FROM generate_series(1, $1::integer)
