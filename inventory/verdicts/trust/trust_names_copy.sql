-- Pairs that were looked at, and the name that breaks the constraints.
COPY name_new (certificate, ca, name) FROM STDIN
