COPY in_der (row, sha256, der) FROM STDIN (FORMAT binary)
