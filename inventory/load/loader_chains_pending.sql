-- Gives these new chains ($1) to trust, which checks what was sent.
INSERT INTO chain_pending SELECT unnest($1::bigint[])
