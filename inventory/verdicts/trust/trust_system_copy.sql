-- Roots of the system.
COPY root_new (der) FROM STDIN
