-- Marks these certificates ($1) to be judged again, and to be given to trust: what the trigger of certificate_own does where facts come
-- from elsewhere. Others with the same keys: facts_key_merge.sql.
WITH waits AS (
    INSERT INTO trust_pending (certificate) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING
)
INSERT INTO dirty (kind, id) SELECT 1, unnest($1::bigint[])
