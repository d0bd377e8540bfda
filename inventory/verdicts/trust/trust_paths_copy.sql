-- Columns in the order of path_row().
COPY ca_path_new (store, authority, ca, root, certificates, not_before, not_after, purposes, path_len, hash, security_bits, is_weak, constrained,
                  fault) FROM STDIN
