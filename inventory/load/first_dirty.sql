-- Marks these endpoints ($1) to be judged.
INSERT INTO dirty (kind, id) SELECT 2, unnest($1::bigint[])
