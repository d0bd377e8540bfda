-- Decisions that people made about certificates. A row is about one certificate; a decision by filter has a row for each
-- certificate that it found, and names the filter.

-- A filter as it was given; NULL matches anything. Names and issuers are patterns of ILIKE.
CREATE TABLE decision_filter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text NOT NULL,                 -- "owner=Parks issuer=Let's Encrypt*"
    sha256_like text,                   -- of the hash in hexadecimal
    name_like text, issuer_like text, owner_like text,
    issuer_kind text, record text, time text, rule text, site text,
    network cidr,
    kind text COLLATE "C" NOT NULL,     -- the decision about later certificates, if is_standing
    is_standing boolean NOT NULL,       -- --future: holds for certificates found later too, while the decision holds
    reason text NOT NULL,
    who text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    until timestamptz CHECK (until IS NOT NULL OR NOT is_standing),
    undone_at timestamptz
);

CREATE TABLE decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- accept: known and tolerated. ignore: not ours. link: it is that record's. adopt: taken into management, under a licence.
    -- mute: no notices; no verdict changes.
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('accept', 'ignore', 'link', 'adopt', 'mute')),
    sha256 bytea NOT NULL,
    source bigint REFERENCES managed_source (id),       -- of link: the record, identified by what stays the same from snapshot to snapshot
    record_key bytea,
    reason text NOT NULL,
    who text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    until timestamptz,                  -- NULL: until it is undone
    filter bigint REFERENCES decision_filter (id),
    inherited_from bigint REFERENCES decision (id),     -- a renewal inherits it from the certificate before it
    undone_at timestamptz,
    undone_by text,
    CHECK ((kind = 'link') = (record_key IS NOT NULL))
);
CREATE INDEX decision_sha256 ON decision (sha256);
CREATE INDEX decision_record ON decision (record_key) WHERE record_key IS NOT NULL;
CREATE INDEX decision_inherited ON decision (inherited_from) WHERE inherited_from IS NOT NULL;

-- Decisions in force.
CREATE VIEW decision_open AS
    SELECT * FROM decision WHERE undone_at IS NULL AND (until IS NULL OR until > now());
