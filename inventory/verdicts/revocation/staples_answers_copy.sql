-- Answers that their issuer signed.
COPY answer_new (authority, serial_number, status, this_update, next_update, revoked_at, reason) FROM STDIN
