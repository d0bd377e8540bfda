-- Columns in the order of authority_row().
COPY authority_new (certificate, name, name_key, spki_sha256, spki, key_sha1, subject_key_id, is_ca, is_self_issued, may_sign,
                    may_sign_lists, path_len, purposes, name_constraints) FROM STDIN
