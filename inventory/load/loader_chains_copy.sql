COPY chain (id, sha256, length, leaf) FROM STDIN (FORMAT binary)
