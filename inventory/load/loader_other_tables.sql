-- The temporary tables of what comes after the answers. Emptied after each transaction.
CREATE TEMP TABLE IF NOT EXISTS in_sighting (LIKE sighting) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_posture (LIKE posture) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_posture_same (endpoint bigint, scan bigint, first_at timestamptz, last_at timestamptz)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_name (LIKE name_asked) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_counter (name text COLLATE "C", value bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_block (block bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_quiet (prefix cidr, port integer, transport smallint, outcome smallint,
    from_at timestamptz, to_at timestamptz, addresses bit(256)) ON COMMIT DELETE ROWS
