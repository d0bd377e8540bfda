-- A temporary table for trust_names_merge.sql.
CREATE TEMP TABLE IF NOT EXISTS name_new (certificate bigint NOT NULL, ca bigint NOT NULL, name text) ON COMMIT DELETE ROWS
