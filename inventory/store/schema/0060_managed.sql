-- The managed set: what the organisation knows. Each import is a dated snapshot of one source; a record is true
-- from the snapshot that first held it to the one that held it no more.

CREATE TABLE managed_source (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE managed_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source bigint NOT NULL REFERENCES managed_source (id),
    imported_at timestamptz NOT NULL,
    files text[] NOT NULL,
    record_count bigint NOT NULL,
    bad_count bigint NOT NULL           -- rows that could not be read, told at the import
);

CREATE TABLE managed_record (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source bigint NOT NULL REFERENCES managed_source (id),
    key bytea NOT NULL,                 -- SHA-256 over its content: the same record in the next snapshot
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,               -- NULL: in the latest snapshot
    file text NOT NULL,                 -- where it was read first
    line bigint NOT NULL,
    sha256 bytea,                       -- of the DER, where the source has it
    spki_sha256 bytea,
    serial_number text COLLATE "C",     -- hexadecimal without leading zeros
    issuer text COLLATE "C",
    issuer_folded text COLLATE "C",
    subject text COLLATE "C",
    subject_folded text COLLATE "C",
    common_name text COLLATE "C",       -- lower case
    name_set text[] NOT NULL,           -- as certificate_facts.name_set
    not_before timestamptz,
    not_after timestamptz,
    location text COLLATE "C",          -- as given
    owner text COLLATE "C",
    contacts text[] NOT NULL,
    environment text COLLATE "C"
);
CREATE UNIQUE INDEX managed_record_open ON managed_record (source, key) WHERE valid_to IS NULL;

-- Where a record says that its certificate should be served; what is NULL matches anything.
CREATE TABLE managed_location (
    record bigint NOT NULL REFERENCES managed_record (id),
    address inet,
    name text COLLATE "C",
    port integer
);
CREATE INDEX managed_location_record ON managed_location (record);

-- What people decided about certificates.
CREATE TABLE decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('accept')),
    sha256 bytea NOT NULL,
    reason text NOT NULL,
    who text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    until timestamptz                   -- NULL: until it is taken back
);
