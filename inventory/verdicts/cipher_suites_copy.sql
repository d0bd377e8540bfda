-- The table of cipher suites; columns in the order of suite_row().
COPY cipher_suite (id, name, key_exchange, authentication, encryption, mac, bits, is_export, is_aead,
    has_forward_secrecy) FROM STDIN
