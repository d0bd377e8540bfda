-- What follows from answers and sightings, by time of observation, so that bundles may come in any order (answer_history.c).
-- There are no foreign keys: they would check, row by row, what the statement that fills these tables has just joined.

-- Endpoints whose rows below must be recomputed from all observations.
CREATE TABLE recompute (
    endpoint bigint PRIMARY KEY
);

-- From when to when an endpoint showed a chain in answer to a kind of hello, with the fields of its latest answer. A span
-- closes when the same variant shows another chain; where two alternate, both stay open (several) until three scans have
-- not shown one. A row without a chain is the key's last answer, if that had none.
CREATE TABLE answer_span (
    endpoint bigint NOT NULL,
    role smallint NOT NULL,
    peer inet,                          -- of a client's chain
    variant smallint NOT NULL,
    chain bigint,
    from_at timestamptz NOT NULL,       -- first time seen
    closed_at timestamptz,              -- when the same variant was first seen with another; NULL: open
    missed smallint NOT NULL DEFAULT 0, -- later scans that did not show it; below 3 the span may be reopened
    several boolean NOT NULL DEFAULT false,
    is_last boolean NOT NULL DEFAULT true,      -- the last answer of its key
    settled boolean NOT NULL DEFAULT false,     -- the same answer again adds nothing
    tracked boolean NOT NULL DEFAULT true,      -- open, or closed for fewer than three scans
    scan bigint NOT NULL DEFAULT 0,     -- of the latest answer that is a row
    outcome smallint NOT NULL DEFAULT 1,
    tls_version integer,
    cipher_suite integer,
    named_group integer,
    key_proven boolean,
    protocol text COLLATE "C" NOT NULL DEFAULT 'tls',
    detail text COLLATE "C",
    alpn text COLLATE "C",
    digest bigint                       -- of the latest answer that is a row, as observation has it
) PARTITION BY LIST (tracked);
CREATE TABLE answer_now PARTITION OF answer_span FOR VALUES IN (true);
CREATE TABLE answer_past PARTITION OF answer_span FOR VALUES IN (false);
CREATE INDEX answer_span_endpoint ON answer_span (endpoint);
CREATE INDEX answer_span_chain ON answer_span (chain);

-- The spans that show a chain. to_at: last time seen; it needs a look-up of confirmations, so do not read it for many rows.
CREATE VIEW serving AS
    SELECT s.endpoint, s.role, s.peer, s.variant, s.chain, s.from_at, s.closed_at, s.several, s.outcome, s.tls_version,
           s.cipher_suite, s.named_group, s.protocol, s.alpn, s.missed, s.is_last, s.tracked,
           greatest(s.from_at,
                    (SELECT max(o.time) FROM observation o
                     WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.role = s.role AND o.variant = s.variant
                       AND o.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR o.time < s.closed_at)),
                    CASE WHEN s.variant = 8 THEN
                        (SELECT max(g.last_at) FROM sighting g
                         WHERE g.endpoint = s.endpoint AND g.chain = s.chain AND g.role = s.role
                           AND g.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR g.last_at < s.closed_at)) END,
                    CASE WHEN s.role = 1 AND s.peer IS NULL
                         THEN confirmed_at(s.endpoint, s.variant, s.from_at, s.closed_at) END) AS to_at
    FROM answer_span s
    WHERE s.chain IS NOT NULL;

-- new: the first chain of an endpoint; changed: a variant shows another leaf; gone: a finished scan had an answer
-- from it without a certificate; returned: a certificate again after that.
CREATE TABLE event (
    endpoint bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('new', 'changed', 'gone', 'returned')),
    time timestamptz NOT NULL,
    variant smallint,                   -- of changed
    chain_before bigint,
    chain_after bigint
);
CREATE INDEX event_endpoint ON event (endpoint);
CREATE INDEX event_time ON event (time);

-- The present of an endpoint that ever showed a certificate of its own or answered. Written by the loader alone, and only
-- where it differs: so it does not hold when the endpoint was last seen (serving.to_at does).
CREATE TABLE endpoint_now (
    endpoint bigint PRIMARY KEY,
    site bigint NOT NULL DEFAULT 0,
    chains bigint[] NOT NULL DEFAULT '{}',      -- of its own, open in any variant
    leafs bigint[] NOT NULL DEFAULT '{}',       -- their leaves, once each
    tls_version integer,                -- of the last answer, in the first variant that has one with a version
    cipher_suite integer,
    named_group integer,
    protocol text COLLATE "C",
    alpn text COLLATE "C",
    tls_versions integer[] NOT NULL DEFAULT '{}',       -- of the last answer in each variant
    cipher_suites integer[] NOT NULL DEFAULT '{}',
    last_outcome smallint,
    first_certificate_at timestamptz,   -- NULL: never showed one
    gone_at timestamptz                 -- NULL: not gone
);
CREATE INDEX endpoint_now_counted ON endpoint_now (endpoint) WHERE protocol = 'mysql';

-- When an endpoint last answered any scan or client. Meant for the rows of one page.
CREATE FUNCTION answered_at(the_endpoint bigint) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest((SELECT max(time) FROM observation WHERE endpoint = the_endpoint AND role = 1),
                    (SELECT max(last_at) FROM sighting WHERE endpoint = the_endpoint AND role = 1),
                    (SELECT max(last_at) FROM confirmation
                     WHERE block = the_endpoint >> 12 AND get_bit(bits, (the_endpoint & 4095)::integer) = 1))
$$;

-- last_answer_at reads all of its answers: do not read it for many rows.
CREATE VIEW endpoint_state AS
    SELECT endpoint, first_certificate_at, last_outcome, gone_at, answered_at(endpoint) AS last_answer_at FROM endpoint_now;

-- A certificate that left one endpoint of a site and was afterwards first seen at another.
CREATE VIEW moved AS
    SELECT left_one.endpoint AS endpoint_before, came.endpoint AS endpoint_after, c.leaf AS certificate,
           coalesce(left_one.closed_at, left_state.gone_at) AS left_at, came.from_at AS time
    FROM serving came
    JOIN chain c ON c.id = came.chain
    JOIN chain same ON same.leaf = c.leaf
    JOIN serving left_one ON left_one.chain = same.id AND left_one.endpoint <> came.endpoint AND left_one.role = 1
    JOIN endpoint e1 ON e1.id = left_one.endpoint
    JOIN endpoint e2 ON e2.id = came.endpoint AND e2.site = e1.site
    JOIN endpoint_now left_state ON left_state.endpoint = left_one.endpoint
    WHERE came.role = 1
      AND came.from_at >= coalesce(left_one.closed_at, left_state.gone_at)
      AND coalesce(left_one.closed_at, left_state.gone_at) IS NOT NULL;

-- Every kind of event, for reports.
CREATE VIEW event_all AS
    SELECT endpoint, kind, time, variant, chain_before, chain_after, NULL::bigint AS endpoint_before FROM event
    UNION ALL
    SELECT endpoint_after, 'moved', time, NULL, NULL, NULL, endpoint_before FROM moved;

-- What is served now, for reports: the open spans of each endpoint and variant that is not gone.
CREATE VIEW serving_current AS
    SELECT s.endpoint, s.role, s.peer, s.variant, s.chain, c.leaf, s.from_at, s.to_at, s.several, s.tls_version,
           s.cipher_suite, s.protocol, s.alpn
    FROM serving s
    JOIN chain c ON c.id = s.chain
    LEFT JOIN endpoint_now state ON state.endpoint = s.endpoint
    WHERE s.tracked AND s.closed_at IS NULL AND state.gone_at IS NULL;
