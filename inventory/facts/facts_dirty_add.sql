-- Marks these certificates ($1) to be judged again. Others with the same keys: facts_key_merge.sql.
INSERT INTO dirty (kind, id) SELECT 1, unnest($1::bigint[])
