COPY certificate (id, sha256, der) FROM STDIN (FORMAT binary)
