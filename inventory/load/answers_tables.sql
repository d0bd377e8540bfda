-- The temporary tables of answers: new endpoints (also those of sightings and postures), and what follows. Emptied after each transaction.
CREATE TEMP TABLE IF NOT EXISTS in_endpoint (handle bigint, key uuid, address inet, port integer, transport smallint,
    server_name text COLLATE "C", zone text COLLATE "C") ON COMMIT DELETE ROWS;
-- The class of each answer (answers_*.sql); those that are all of an endpoint; others that become rows, and all of these.
CREATE TEMP TABLE IF NOT EXISTS in_class (row bigint, endpoint bigint, time timestamptz, handle bigint, key uuid, variant smallint,
    is_same boolean, is_late boolean, is_plain boolean) ON COMMIT DELETE ROWS;
CREATE STATISTICS IF NOT EXISTS pg_temp.in_class_block ON (endpoint >> 12) FROM in_class;      -- for answers_blocks.sql: few, and not one for each row
CREATE TEMP TABLE IF NOT EXISTS in_first (row bigint, time timestamptz) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_explicit (row bigint, endpoint bigint, is_late boolean, is_ahead boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_full (row bigint, endpoint bigint, is_late boolean, is_ahead boolean, digest bigint,
    time timestamptz, position bigint, chain bigint, staple bigint, sct_count integer, dns_us integer, connect_us integer,
    handshake_us integer, connections integer, method smallint, role smallint, variant smallint, outcome smallint,
    name_source smallint, key_proven boolean, peer inet, tls_version integer, cipher_suite integer, named_group integer,
    protocol text COLLATE "C", detail text COLLATE "C", alpn text COLLATE "C") ON COMMIT DELETE ROWS;
-- For computing the history of endpoints (answer_store.c). kind: 1 span (place: of its row), 2 answer, 3 confirmation, 4 sighting, 5 no answer.
CREATE TEMP TABLE IF NOT EXISTS in_changed (endpoint bigint, is_known boolean, is_single boolean, first_at timestamptz, gone_at timestamptz)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_evidence (source bigint GENERATED ALWAYS AS IDENTITY, kind smallint, endpoint bigint,
    role smallint, peer inet, variant smallint, chain bigint, chain_sha256 bytea, leaf bigint, scan bigint, first_at timestamptz, last_at timestamptz,
    hour timestamptz, closed_at timestamptz, missed smallint, several boolean, is_last boolean, absent boolean, finished boolean,
    outcome smallint, tls_version integer, cipher_suite integer, named_group integer, key_proven boolean,
    protocol text COLLATE "C", detail text COLLATE "C", alpn text COLLATE "C", digest bigint, place tid) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_span (source bigint, held bigint, scan bigint, from_at timestamptz, closed_at timestamptz, missed smallint,
    several boolean, is_last boolean, settled boolean, tracked boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_dropped (source bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS in_now (endpoint bigint, is_known boolean, source bigint, chains bigint[], leafs bigint[],
    tls_versions integer[], cipher_suites integer[], first_certificate_at timestamptz, gone_at timestamptz) ON COMMIT DELETE ROWS
