-- Temporary tables for what staples_take.sql reads.
CREATE TEMP TABLE IF NOT EXISTS staple_done (staple bigint NOT NULL, waits_for bytea) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS answer_new (
    authority bigint NOT NULL, serial_number text COLLATE "C" NOT NULL, status text NOT NULL, this_update timestamptz NOT NULL,
    next_update timestamptz, revoked_at timestamptz, reason smallint NOT NULL
) ON COMMIT DELETE ROWS
