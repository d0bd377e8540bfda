COPY event (endpoint, kind, time, variant, chain_before, chain_after, leaf_before, leaf_after) FROM STDIN
