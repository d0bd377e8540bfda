COPY in_hash (row, sha256) FROM STDIN (FORMAT binary)
