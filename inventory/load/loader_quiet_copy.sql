COPY in_quiet (prefix, port, transport, outcome, from_at, to_at, addresses) FROM STDIN
