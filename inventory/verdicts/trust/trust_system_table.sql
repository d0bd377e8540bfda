-- A temporary table for trust_system_merge.sql, empty.
CREATE TEMP TABLE IF NOT EXISTS root_new (der bytea NOT NULL) ON COMMIT DELETE ROWS;
TRUNCATE root_new
