COPY in_link (chain, position, certificate) FROM STDIN (FORMAT binary)
