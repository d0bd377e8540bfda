-- The schema of a bundle, whole. A reader compares it word for word, so that nothing else (a trigger, a view,
-- an index with an expression) can ride along; a change of it is a new user_version in bundle_schema.h.
-- Times are microseconds since 1970-01-01 UTC; numbers of enums are those of probes/base/observation.h and
-- outcome.h. Rows are only ever appended. An endpoint may have more than one row: ids are handles, not keys.

CREATE TABLE head (
    bundle_id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    scan_id TEXT NOT NULL,
    site TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    plan TEXT NOT NULL,
    space TEXT NOT NULL,
    permutation_key BLOB NOT NULL,
    space_size INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    shard_count INTEGER NOT NULL,
    known_names TEXT NOT NULL
) STRICT;

-- One row once the bundle is complete; partial 1: sealed by hand, its owner knows that the tail is missing.
CREATE TABLE seal (
    time_us INTEGER NOT NULL,
    partial INTEGER NOT NULL
) STRICT;

-- The name list as it was read, line by line, so that --resume needs no other file.
CREATE TABLE target_line (
    line INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE certificate (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    der BLOB NOT NULL
) STRICT;

-- sha256: over the SHA-256 of its certificates, one after the other, as sent.
CREATE TABLE chain (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE chain_certificate (
    chain INTEGER NOT NULL,
    position INTEGER NOT NULL,
    certificate INTEGER NOT NULL,
    PRIMARY KEY (chain, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE staple (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    der BLOB NOT NULL
) STRICT;

CREATE TABLE endpoint (
    id INTEGER PRIMARY KEY,
    transport INTEGER NOT NULL,
    address BLOB NOT NULL,
    zone TEXT NOT NULL,
    port INTEGER NOT NULL,
    server_name TEXT NOT NULL
) STRICT;

CREATE TABLE observation (
    id INTEGER PRIMARY KEY,
    time_us INTEGER NOT NULL,
    method INTEGER NOT NULL,
    role INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    peer BLOB,
    protocol TEXT NOT NULL,
    detail TEXT NOT NULL,
    tls_version INTEGER NOT NULL,
    cipher_suite INTEGER NOT NULL,
    named_group INTEGER NOT NULL,
    alpn TEXT NOT NULL,
    key_proven INTEGER NOT NULL,
    name_source INTEGER NOT NULL,
    connections INTEGER NOT NULL,
    position INTEGER,
    chain INTEGER,
    staple INTEGER,
    sct_count INTEGER NOT NULL,
    dns_us INTEGER NOT NULL,
    connect_us INTEGER NOT NULL,
    handshake_us INTEGER NOT NULL
) STRICT;

CREATE TABLE posture (
    id INTEGER PRIMARY KEY,
    endpoint INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    item TEXT NOT NULL,
    value TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- A delta: the loader merges by min, max and sum.
CREATE TABLE sighting (
    id INTEGER PRIMARY KEY,
    hour_us INTEGER NOT NULL,
    first_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    count INTEGER NOT NULL,
    role INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    peer BLOB,
    protocol TEXT NOT NULL,
    detail TEXT NOT NULL,
    tls_version INTEGER NOT NULL,
    cipher_suite INTEGER NOT NULL,
    named_group INTEGER NOT NULL,
    alpn TEXT NOT NULL,
    chain INTEGER,
    staple INTEGER,
    sct_count INTEGER NOT NULL
) STRICT;

-- outcomes: see block_outcomes.h.
CREATE TABLE block (
    id INTEGER PRIMARY KEY,
    block INTEGER NOT NULL UNIQUE,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL,
    count INTEGER NOT NULL,
    outcomes BLOB NOT NULL
) STRICT;

CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL UNIQUE,
    time_us INTEGER NOT NULL,
    name TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    detail TEXT NOT NULL,
    address_count INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    value INTEGER NOT NULL
) STRICT;

-- A path that was walked. complete 1: to its end, with all that the settings ask for.
CREATE TABLE file_root (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    settings TEXT NOT NULL,
    complete INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL
) STRICT;

-- A file that holds something, or that could not be read (file_reading.h has the numbers). NULL: unknown.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    time_us INTEGER NOT NULL,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    inside TEXT NOT NULL,
    kind TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    detail TEXT NOT NULL,
    size INTEGER,
    modified_us INTEGER,
    mode INTEGER,
    uid INTEGER,
    gid INTEGER,
    marks INTEGER NOT NULL
) STRICT;

CREATE TABLE file_certificate (
    file INTEGER NOT NULL,
    position INTEGER NOT NULL,
    certificate INTEGER NOT NULL,
    at_offset INTEGER,
    label TEXT NOT NULL,
    PRIMARY KEY (file, position)
) STRICT, WITHOUT ROWID;

-- Private keys, requests, SSH host certificates: never the key, only the hash of its public half.
CREATE TABLE file_key (
    file INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    spki_sha256 BLOB,
    algorithm TEXT NOT NULL,
    bits INTEGER NOT NULL,
    encrypted INTEGER NOT NULL,
    at_offset INTEGER,
    PRIMARY KEY (file, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_use (
    file INTEGER NOT NULL,
    position INTEGER NOT NULL,
    service TEXT NOT NULL,
    directive TEXT NOT NULL,
    path TEXT NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (file, position)
) STRICT, WITHOUT ROWID;
