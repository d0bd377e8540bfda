-- The temporary tables of a bundle of files; emptied after its one transaction. hash: of the state (loader_files.c).
CREATE TEMP TABLE IF NOT EXISTS in_root (host text COLLATE "C", path text COLLATE "C", settings text COLLATE "C", is_complete boolean,
    from_at timestamptz, to_at timestamptz) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_file (site bigint, host text COLLATE "C", path text COLLATE "C", inside text COLLATE "C",
    key uuid GENERATED ALWAYS AS (file_place_key(site, host, path, inside)) STORED, time timestamptz, hash bytea, kind text COLLATE "C",
    outcome smallint, detail text COLLATE "C", mode integer, uid bigint, gid bigint, marks integer, set_hash bytea, certificates integer,
    keys integer, size bigint, modified_at timestamptz) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_file_certificate (hash bytea, position integer, certificate bigint, at_offset bigint,
    label text COLLATE "C") ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_file_key (hash bytea, position integer, kind smallint, spki_sha256 bytea, algorithm text COLLATE "C",
    bits integer, is_encrypted boolean, at_offset bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_file_use (hash bytea, position integer, service text COLLATE "C", directive text COLLATE "C",
    path text COLLATE "C", line bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_state_new (state bigint, hash bytea) ON COMMIT DELETE ROWS;
-- One reading of one place; state NULL: a walk to its end did not find it.
CREATE TEMP TABLE IF NOT EXISTS in_point (place bigint, at timestamptz, state bigint, modified_at timestamptz, size bigint)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_file_span (place bigint, from_at timestamptz, to_at timestamptz, state bigint, modified_at timestamptz)
    ON COMMIT DELETE ROWS
