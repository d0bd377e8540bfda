COPY chain_certificate (chain, position, certificate) FROM STDIN (FORMAT binary)
