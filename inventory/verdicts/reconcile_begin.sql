-- Makes the tables of one run. All are this session's own; rules read judging, subject, deployed, spoken and the
-- axes in judged, and write hit.
SET LOCAL work_mem = '128MB';      -- one run at a time, over everything
DROP TABLE IF EXISTS pg_temp.judging, pg_temp.issuer_rule, pg_temp.leaf, pg_temp.subject, pg_temp.deployed,
    pg_temp.spoken, pg_temp.record_open, pg_temp.record_match, pg_temp.record_place, pg_temp.judged, pg_temp.hit,
    pg_temp.owned, pg_temp.difference;

CREATE TEMP TABLE judging (         -- one row: the moment and the policy
    as_of timestamptz NOT NULL,
    policy bigint NOT NULL,
    document jsonb NOT NULL,
    has_managed boolean NOT NULL,   -- there is a managed source with an import by then
    has_own boolean NOT NULL,       -- the policy says what an own CA is
    steps integer[] NOT NULL,       -- days, most first
    shares numeric[] NOT NULL,      -- percent of life left, most first
    expiring_days integer NOT NULL,
    rsa_bits integer NOT NULL,
    ec_bits integer NOT NULL,
    weak_hashes text[] NOT NULL,
    allowed_suffixes text[] NOT NULL,
    prohibited_suffixes text[] NOT NULL,
    own_suffixes text[] NOT NULL,
    max_names integer NOT NULL,
    private_days integer,           -- longest life outside the public web; NULL: any
    foreign_forbidden boolean NOT NULL,
    self_signed_forbidden boolean NOT NULL
);
CREATE TEMP TABLE issuer_rule (     -- own and approved CAs as predicates over names and issue date
    kind text NOT NULL, name text NOT NULL,
    issuer_attributes text[] NOT NULL, subject_attributes text[] NOT NULL,
    valid_from timestamptz, valid_to timestamptz
);
CREATE TEMP TABLE deployed (certificate bigint NOT NULL, endpoint bigint NOT NULL, chain bigint NOT NULL);
CREATE TEMP TABLE leaf (certificate bigint PRIMARY KEY);
CREATE TEMP TABLE subject (         -- what policy rules judge: served now somewhere in a chain, or managed
    certificate bigint PRIMARY KEY, is_leaf boolean NOT NULL, is_public boolean NOT NULL
);
CREATE TEMP TABLE spoken (          -- versions and suites that an endpoint chose or accepted
    endpoint bigint NOT NULL, tls_version integer, cipher_suite integer, item text, seen_at timestamptz NOT NULL,
    source text NOT NULL
);
CREATE TEMP TABLE record_match (certificate bigint NOT NULL, record bigint NOT NULL, step integer NOT NULL);
CREATE TEMP TABLE record_place (record bigint NOT NULL, endpoint bigint NOT NULL);
CREATE TEMP TABLE judged (
    axis text NOT NULL, rule text NOT NULL, rule_version integer NOT NULL, certificate bigint, endpoint bigint,
    record bigint, value text NOT NULL, severity text, evidence jsonb NOT NULL, next_change_at timestamptz
);
CREATE TEMP TABLE hit (
    rule text NOT NULL, certificate bigint, endpoint bigint, severity text NOT NULL, evidence jsonb NOT NULL,
    next_change_at timestamptz
);
