-- The temporary tables of a load: into these a batch is copied before it is merged. Emptied after each transaction (in_answer: by
-- answers_empty.sql), each of them, also where it is empty: so a stage makes its own (answers_tables.sql, loader_other_tables.sql), and the
-- end of the load drops all.
CREATE TEMP TABLE IF NOT EXISTS in_der (row bigint, sha256 bytea, der bytea) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_hash (row bigint, sha256 bytea) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_answer (row bigint, handle bigint, key uuid, time timestamptz, digest bigint, variant smallint)
