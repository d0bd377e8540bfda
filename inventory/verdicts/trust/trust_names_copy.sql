-- Pairs that were checked, with the name that violates the constraints.
COPY name_new (certificate, ca, name) FROM STDIN
