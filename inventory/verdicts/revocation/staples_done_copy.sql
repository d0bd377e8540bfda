-- Staples that were read; those that wait for a key go on waiting.
COPY staple_done (staple, waits_for) FROM STDIN
