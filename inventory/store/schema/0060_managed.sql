-- The managed set: what the organisation knows. Each import is a dated snapshot of one source; a record is true
-- from the snapshot that first held it to the one that held it no more.

-- Hashes of 64 bits of a text, bytes, and a set of names: these fit into an index, whatever the length of the value.
CREATE FUNCTION text_key(value text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(value COLLATE "C", 0)
$$;
CREATE FUNCTION bytes_key(value bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(encode(value, 'hex') COLLATE "C", 0)
$$;
CREATE FUNCTION names_key(names text[]) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN cardinality(names) > 0 THEN hash_array_extended(names, 0) END
$$;

-- "RSA 2048" and "rsa-pss" are one kind of key. NULL: not given.
CREATE FUNCTION key_family(key_algorithm text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN key_algorithm ILIKE 'rsa%' THEN 'rsa' WHEN key_algorithm ILIKE 'ec%' THEN 'ec' ELSE lower(key_algorithm) END
$$;

-- The 256 addresses around one, as endpoint.prefix and quiet have it.
CREATE FUNCTION address_prefix(address inet) RETURNS cidr LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 120 END))
$$;

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
    profiles text[] NOT NULL DEFAULT '{}',      -- the profiles by which the files were read: "Sectigo SCM, SSL certificates report"
    record_count bigint NOT NULL,
    bad_count bigint NOT NULL,          -- rows that could not be read; the import reported them
    is_partial boolean NOT NULL DEFAULT false   -- records that it lacks stayed in force
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
    sha1 bytea,                         -- of the DER: what many sources call the thumbprint
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
    site bigint REFERENCES site (id),   -- of its places; NULL: not given, or each place has its own
    path text COLLATE "C",              -- of a file on its hosts
    owner text COLLATE "C",
    contacts text[] NOT NULL,           -- mail addresses
    environment text COLLATE "C",
    -- The status in the source. NULL: not given. 'replaced': another one was issued in its place.
    status text COLLATE "C" CHECK (status IN ('issued', 'requested', 'declined', 'revoked', 'expired', 'replaced')),
    status_told text COLLATE "C",       -- in the source's own words
    revoked_at timestamptz,
    revocation_reason text COLLATE "C",
    order_number text COLLATE "C",      -- the CA's; a renewal often keeps it
    request_number text COLLATE "C",
    replaces text COLLATE "C",          -- the order or serial number that this one renews
    replaced_by text COLLATE "C",
    -- What it was ordered for, and by whom.
    type text COLLATE "C" CHECK (type IN ('server', 'client', 'S/MIME', 'code signing', 'CA', 'other')),
    product text COLLATE "C",           -- as the source names it: "Sectigo OV SSL", a template
    validation text COLLATE "C" CHECK (validation IN ('DV', 'OV', 'EV', 'IV')),
    term text COLLATE "C",              -- "199 days"
    requester text COLLATE "C",
    department text COLLATE "C",
    application text COLLATE "C",
    cost_center text COLLATE "C",
    servers text COLLATE "C",           -- servers and URLs that it was bought for
    installer text COLLATE "C",         -- who installs it
    delivered_at timestamptz,
    auto_renewal boolean,
    key_algorithm text COLLATE "C",
    key_bits integer,
    -- The hashes by which it is matched, as in certificate_now.
    serial_key bigint GENERATED ALWAYS AS (text_key(serial_number)) STORED,
    spki_key bigint GENERATED ALWAYS AS (bytes_key(spki_sha256)) STORED,
    names_key bigint GENERATED ALWAYS AS (names_key(name_set)) STORED
);
CREATE INDEX managed_record_sha256 ON managed_record (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX managed_record_sha1 ON managed_record USING hash (sha1);
CREATE INDEX managed_record_serial ON managed_record (serial_key) WHERE serial_key IS NOT NULL;
CREATE INDEX managed_record_spki ON managed_record (spki_key) WHERE spki_key IS NOT NULL;
CREATE INDEX managed_record_names ON managed_record (names_key) WHERE names_key IS NOT NULL;
CREATE INDEX managed_record_order ON managed_record (text_key(order_number)) WHERE order_number IS NOT NULL;
CREATE INDEX managed_record_replaces ON managed_record (text_key(replaces)) WHERE replaces IS NOT NULL;
CREATE INDEX managed_record_replaced_by ON managed_record (text_key(replaced_by)) WHERE replaced_by IS NOT NULL;
CREATE INDEX managed_record_name ON managed_record (text_key(common_name)) WHERE common_name IS NOT NULL;
CREATE UNIQUE INDEX managed_record_open ON managed_record (source, key) WHERE valid_to IS NULL;

-- Where a record says that its certificate should be served; what is NULL matches anything. A place without a site is
-- one place only if exactly one site has it.
CREATE TABLE managed_location (
    record bigint NOT NULL REFERENCES managed_record (id),
    site bigint REFERENCES site (id),
    address inet,
    name text COLLATE "C",
    port integer,
    path text COLLATE "C"               -- of a file on that host
);
CREATE INDEX managed_location_record ON managed_location (record);
CREATE INDEX managed_location_address ON managed_location (address) WHERE address IS NOT NULL;
CREATE INDEX managed_location_prefix ON managed_location (address_prefix(address)) WHERE address IS NOT NULL;
CREATE INDEX managed_location_name ON managed_location (text_key(name)) WHERE address IS NULL;
-- For the search in the other direction.
CREATE INDEX endpoint_server_name ON endpoint (text_key(server_name)) WHERE server_name <> '';
