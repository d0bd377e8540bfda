COPY event (endpoint, kind, time, chain_after) FROM STDIN (FORMAT binary)
