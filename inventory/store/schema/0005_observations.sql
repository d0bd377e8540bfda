-- What was observed. An answer equal to the endpoint's last one is one bit of a confirmation; every other one is a row of
-- observation, which has a partition per month.

CREATE TABLE observation (
    time timestamptz NOT NULL,
    endpoint bigint NOT NULL,
    scan bigint NOT NULL,
    chain bigint,
    staple bigint,
    position bigint,                    -- in the scan's permutation
    tls_version integer,                -- 0x0303 ...; NULL unknown
    cipher_suite integer,               -- IANA numbers
    named_group integer,
    sct_count integer NOT NULL,         -- in the TLS extension
    dns_us integer NOT NULL,
    connect_us integer NOT NULL,
    handshake_us integer NOT NULL,
    connections integer NOT NULL,
    method smallint NOT NULL,
    role smallint NOT NULL,
    variant smallint NOT NULL,
    outcome smallint NOT NULL,
    name_source smallint NOT NULL,
    key_proven boolean,                 -- NULL: not checked
    peer inet,                          -- the client whose chain this is
    protocol text COLLATE "C" NOT NULL,
    detail text COLLATE "C",
    alpn text COLLATE "C",
    digest bigint                       -- over the fields by which two answers are compared (digest_of() of loader_answers.c); NULL: never unchanged
) PARTITION BY RANGE (time);
CREATE INDEX observation_endpoint ON observation (endpoint, time);
CREATE INDEX observation_time ON observation USING brin (time);

-- No default partition: making a month would have to lock it. The first partition holds everything older than five years before
-- this database was created. Rows with a time in the future have a table of their own, which is never read as the present.
CREATE TABLE observation_ahead (LIKE observation);
DO $$
BEGIN
    EXECUTE format('CREATE TABLE observation_early PARTITION OF observation FOR VALUES FROM (MINVALUE) TO (%L)',
                   date_trunc('month', now() - interval '5 years'));
END $$;

-- Creates the partition of a month, unless it is before the first one or in the future.
CREATE FUNCTION observation_month_make(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'observation_' || to_char(month, 'YYYY_MM');
    early text := (SELECT substring(pg_get_expr(relpartbound, oid) FROM $re$TO \('([^']+)'\)$re$) FROM pg_class
                   WHERE oid = 'observation_early'::regclass);
BEGIN
    IF first < early::timestamptz OR first > now() + interval '1 day' OR to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE observation INCLUDING DEFAULTS)', partition);
    EXECUTE format('ALTER TABLE observation ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, first, next);
END $$;

-- Bit n: endpoint number 4096 * block + n gave, in this scan and to this kind of hello, the answer that it had given
-- before; between first_at and last_at. Variant 0: it answered all questions about what it accepts (posture) as before.
CREATE TABLE confirmation (
    block bigint NOT NULL,
    variant smallint NOT NULL,
    scan bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    bits bit(4096) NOT NULL,
    PRIMARY KEY (block, variant, scan)
);
ALTER TABLE confirmation ALTER COLUMN bits SET STORAGE MAIN;

-- How far each block of endpoints has been seen: up to latest_at by the scan that was loaded last, up to before_at by all
-- others. An older answer is late: it may belong between two that are stored.
CREATE TABLE endpoint_block (
    block bigint PRIMARY KEY,
    scan bigint NOT NULL,
    latest_at timestamptz NOT NULL,
    before_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- When an endpoint last confirmed an answer that was valid from one time until another (NULL: now); NULL: never. Meant for the
-- rows of one page.
CREATE FUNCTION confirmed_at(the_endpoint bigint, the_variant smallint, from_at timestamptz, until_at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT max(last_at) FROM confirmation
    WHERE block = the_endpoint >> 12 AND variant = the_variant AND last_at >= from_at AND (until_at IS NULL OR first_at < until_at)
      AND get_bit(bits, (the_endpoint & 4095)::integer) = 1
$$;

-- Attempts without an answer, stored in bulk: one bit per address of a /24 or /120.
CREATE TABLE quiet (
    scan bigint NOT NULL REFERENCES scan (id),
    prefix cidr NOT NULL,
    port integer NOT NULL,
    transport smallint NOT NULL,
    outcome smallint NOT NULL,
    from_at timestamptz NOT NULL,       -- the attempts were made between these two
    to_at timestamptz NOT NULL,
    addresses bit(256) NOT NULL,        -- bit n (from the left): the address with the last byte n
    PRIMARY KEY (prefix, port, transport, scan, outcome)
);

-- What an endpoint accepts beyond what it prefers.
CREATE TABLE posture (
    endpoint bigint NOT NULL,
    item text COLLATE "C" NOT NULL,     -- 'tls10', 'rc4', 'dh_bits' ...
    time timestamptz NOT NULL,
    value text COLLATE "C" NOT NULL,    -- 'accepted', 'refused', 'untested', a number as text
    detail text COLLATE "C",
    scan bigint NOT NULL,
    PRIMARY KEY (endpoint, item, time)
);
-- The few that each scan asks for before it begins (one_session_hosts.sql).
CREATE INDEX ON posture (endpoint) WHERE item = 'sessions_at_once';
-- The last answer to each question; 'untested' is no answer.
CREATE VIEW posture_current AS
    SELECT DISTINCT ON (p.endpoint, p.item) p.endpoint, p.item, p.value, p.detail, p.time, p.scan
    FROM posture p
    JOIN scan ON scan.id = p.scan AND p.time <= scan.clock_limit
    ORDER BY p.endpoint, p.item, p.value = 'untested', p.time DESC;

-- What passive capture saw: one row an hour for a chain at an endpoint.
CREATE TABLE sighting (
    scan bigint NOT NULL,
    hour timestamptz NOT NULL,
    endpoint bigint NOT NULL,
    role smallint NOT NULL,
    outcome smallint NOT NULL,
    chain bigint,
    staple bigint,       -- one of the hour's
    sct_count integer NOT NULL,         -- in the TLS extension
    peer inet,
    tls_version integer,
    cipher_suite integer,
    named_group integer,
    protocol text COLLATE "C" NOT NULL,
    detail text COLLATE "C",
    alpn text COLLATE "C",
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count numeric NOT NULL
);
-- Version and suite are facts too, so they are part of a sighting's identity.
CREATE UNIQUE INDEX sighting_key ON sighting (endpoint, hour, scan, role, outcome, coalesce(chain, 0),
    coalesce(peer, '::'::inet), coalesce(tls_version, 0), coalesce(cipher_suite, -1));

-- Captures whose hidden endpoints a scan has asked. The capture may be loaded after the scan, or never.
CREATE TABLE follow_up (
    scan bigint NOT NULL REFERENCES scan (id),
    capture uuid NOT NULL,              -- its scan_id
    PRIMARY KEY (scan, capture)
);
CREATE INDEX follow_up_capture ON follow_up (capture);

-- The captures that a plan names. Plans come from bundles, which are foreign input: anything but a list of ids counts as empty.
CREATE FUNCTION plan_follow_up_of(plan text) RETURNS SETOF uuid LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN QUERY SELECT DISTINCT value::uuid FROM jsonb_array_elements_text(plan::jsonb -> 'follow_up_of');
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN;
END $$;

-- Hidden endpoints, and the answers when they were asked. QUIC is asked over TCP.
CREATE VIEW follow_up_answer AS
    SELECT capture.id AS capture, seen.endpoint AS seen_endpoint, seen.hour, seen.outcome AS seen_outcome,
           seen.detail AS seen_detail, answer.scan, answer.endpoint, answer.time, answer.outcome, answer.chain
    FROM follow_up f
    JOIN scan capture ON capture.scan_id = f.capture
    JOIN sighting seen ON seen.scan = capture.id AND seen.chain IS NULL AND seen.role = 1
    JOIN endpoint e ON e.id = seen.endpoint
    JOIN endpoint asked ON asked.site = e.site AND asked.address = e.address AND asked.port = e.port
                       AND asked.server_name = e.server_name AND asked.transport = 6
    JOIN observation answer ON answer.endpoint = asked.id AND answer.scan = f.scan;
