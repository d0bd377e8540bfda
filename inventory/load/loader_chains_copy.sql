COPY in_chain (row, sha256, length, leaf) FROM STDIN (FORMAT binary)
