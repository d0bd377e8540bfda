-- Paths found or not; the order is that of path_row().
COPY trust (certificate, chain, store, store_sha256, found, detail, not_before, not_after, path) FROM STDIN
