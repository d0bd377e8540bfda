-- Certificates whose facts are new, to be judged again.
COPY dirty (kind, id) FROM STDIN
