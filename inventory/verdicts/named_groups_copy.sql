-- The table of named groups.
COPY named_group (id, name) FROM STDIN
