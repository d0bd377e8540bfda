-- Public keys that may be new, sorted and once each; columns in the order of key_row().
COPY facts_new_key (spki_sha256, modulus, modulus_sha256) FROM STDIN (FORMAT binary)
