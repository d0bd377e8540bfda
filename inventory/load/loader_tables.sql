-- What a batch is copied into before it is merged; empty again after each transaction.
CREATE TEMP TABLE IF NOT EXISTS in_der (row bigint, sha256 bytea, der bytea) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_chain (row bigint, sha256 bytea, length integer, leaf bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_link (chain bigint, position integer, certificate bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_endpoint (handle bigint, address inet, port integer, transport smallint,
    server_name text COLLATE "C", zone text COLLATE "C") ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_sighting (LIKE sighting) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_posture (LIKE posture) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_name (LIKE name_asked) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_counter (name text COLLATE "C", value bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_block (block bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_quiet (prefix cidr, port integer, transport smallint, outcome smallint,
    from_at timestamptz, to_at timestamptz, addresses bit(256)) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_work (endpoint bigint PRIMARY KEY) ON COMMIT DELETE ROWS
