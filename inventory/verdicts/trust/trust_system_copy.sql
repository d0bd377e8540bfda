-- Roots that the machine trusts: of one store.
COPY root_new (der) FROM STDIN
