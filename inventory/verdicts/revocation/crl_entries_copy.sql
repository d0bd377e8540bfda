-- Entries of one list.
COPY crl_entry_new (serial_number, revoked_at, reason) FROM STDIN
