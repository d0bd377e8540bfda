-- The same as facts_dirty_add.sql for certificates ($1) that this transaction has added: no list has them yet.
WITH waits AS (
    INSERT INTO trust_pending (certificate) SELECT unnest($1::bigint[])
)
INSERT INTO dirty (kind, id) SELECT 1, unnest($1::bigint[])
