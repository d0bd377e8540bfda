-- What trust_system_merge.sql reads.
CREATE TEMP TABLE IF NOT EXISTS root_new (der bytea NOT NULL) ON COMMIT DELETE ROWS
