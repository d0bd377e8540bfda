-- What follows from observations, sightings and quiet rows; recomputed for each endpoint that a load touched, by
-- time of observation, so that bundles may come in any order. Foreign keys would check a million times what the
-- statement that fills these tables has just joined.

-- Endpoints that a load has touched and whose rows below are to be made anew.
CREATE TABLE recompute (
    endpoint bigint PRIMARY KEY
);

-- From when to when an endpoint showed a chain in answer to a kind of hello. An interval closes when the same
-- variant shows another chain. Within one scan (or one hour of a capture) two chains of a variant stand side by side.
CREATE TABLE serving (
    endpoint bigint NOT NULL,
    role smallint NOT NULL,
    peer inet,                          -- of a client's chain
    variant smallint NOT NULL,
    chain bigint NOT NULL,
    from_at timestamptz NOT NULL,       -- first and last time seen
    to_at timestamptz NOT NULL,
    closed_at timestamptz,              -- when the same variant was first seen with another; NULL: current
    count numeric NOT NULL,
    several boolean NOT NULL            -- another chain was seen beside it: a load balancer
);
CREATE UNIQUE INDEX serving_key ON serving (endpoint, role, coalesce(peer, '::'::inet), variant, chain, from_at);
CREATE INDEX serving_chain ON serving (chain);

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
CREATE UNIQUE INDEX event_key ON event (endpoint, time, kind, coalesce(variant, 0), coalesce(chain_before, 0),
    coalesce(chain_after, 0));
CREATE INDEX event_time ON event (time);

-- One row per endpoint that ever showed a certificate of its own or answered.
CREATE TABLE endpoint_state (
    endpoint bigint PRIMARY KEY,
    first_certificate_at timestamptz,   -- NULL: never showed one
    last_certificate_at timestamptz,
    last_answer_at timestamptz,
    last_outcome smallint,              -- of the last answer
    gone_at timestamptz                 -- NULL: not gone
);

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
    JOIN endpoint_state left_state ON left_state.endpoint = left_one.endpoint
    WHERE came.role = 1
      AND came.from_at > left_one.to_at
      AND coalesce(left_one.closed_at, left_state.gone_at) IS NOT NULL;

-- Every kind of event, for reports.
CREATE VIEW event_all AS
    SELECT endpoint, kind, time, variant, chain_before, chain_after, NULL::bigint AS endpoint_before FROM event
    UNION ALL
    SELECT endpoint_after, 'moved', time, NULL, NULL, NULL, endpoint_before FROM moved;

-- What is served now, for reports: the current chain of each endpoint and variant that is not gone.
CREATE VIEW serving_current AS
    SELECT s.endpoint, s.role, s.peer, s.variant, s.chain, c.leaf, s.from_at, s.to_at, s.count, s.several
    FROM serving s
    JOIN chain c ON c.id = s.chain
    LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
    WHERE s.closed_at IS NULL AND state.gone_at IS NULL;
