-- Staples that were processed; those that wait for a key stay pending.
COPY staple_done (staple, waits_for) FROM STDIN
