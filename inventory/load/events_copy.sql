COPY event (endpoint, kind, time, variant, chain_before, chain_after) FROM STDIN
