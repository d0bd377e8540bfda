-- The next useful command (next_command()). $1 filter, $2 certificates and $3 endpoints that can be wanted, or NULL, $4 what follows from the list that was
-- read, or NULL, $5 its report's name or NULL, $6 whether it is empty. One row: a command without the filter's options, or NULL.
SELECT next_command($1::jsonb, $2::bigint[], $3::bigint[], $4::text, $5::text, $6::boolean)
