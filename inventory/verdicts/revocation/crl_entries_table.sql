-- A temporary table for the entries that crl_take.sql reads.
CREATE TEMP TABLE IF NOT EXISTS crl_entry_new (
    serial_number text COLLATE "C" NOT NULL, revoked_at timestamptz NOT NULL, reason smallint NOT NULL
) ON COMMIT DELETE ROWS
