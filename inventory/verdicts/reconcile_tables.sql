-- The temporary tables of one run, by which its statements pass on results:
--
--     judging            the moment and the policy: one row
--     scope_certificate, scope_endpoint, scope_record     what is judged: all, or what has changed and what that affects
--     answer_in_scope, own_in_scope, judged_at_endpoint, certificate_before, match_before, finding_before, hit_in_scope
--                        the spans, facts, places, verdicts and hits of these, without a join where all are in scope
--     place              leaves at the endpoints in scope, with the chain that was sent
--     served_chain       the chains of these, once each
--     known, subject     the certificates in scope with the facts that rules need; subject: those that rules judge
--     key_repeated       keys of leaves in scope that several certificates have
--     spoken             versions and suites of endpoints in scope to which a rule can object
--     axes               record, issuer and time of the leaves in scope
--     due_in_scope       certificates whose last safe day is counted: those in scope, and those that time has moved (due_moved)
--     hit                hits of the rules
--     new_..., compared_...       the results; and what the runs before have for the same scope, compared with them
CREATE TEMP TABLE judging (         -- one row: the moment and the policy
    as_of timestamptz NOT NULL,
    is_full boolean NOT NULL,
    policy bigint NOT NULL,
    basis text NOT NULL,
    document jsonb NOT NULL,
    has_managed boolean NOT NULL,   -- there is a managed source with an import by then
    has_own boolean NOT NULL,       -- the policy defines own CAs
    steps integer[] NOT NULL,       -- days, most first
    shares numeric[] NOT NULL,      -- percent of life left, most first
    step_spans interval[] NOT NULL, -- the same, least first; the share as a factor
    share_factors float8[] NOT NULL,
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
    self_signed_forbidden boolean NOT NULL,
    prohibited_characters text[] NOT NULL,
    wildcard_needs_approval boolean NOT NULL,
    min_tls_version integer NOT NULL,           -- as in the record: 771 is TLS 1.2
    is_tls13_required boolean NOT NULL,
    stale_after interval NOT NULL,  -- how long a capture or an import speaks for the present
    allowed_suites text[] NOT NULL, -- patterns of LIKE; {}: any
    today date NOT NULL,            -- in the policy's zone
    counted_day date NOT NULL       -- of the run before, by which last safe days are counted
);
CREATE TEMP TABLE issuer_rule (     -- own and approved CAs as predicates over names and issue date
    kind text NOT NULL, name text NOT NULL,
    issuer_attributes text[] NOT NULL, subject_attributes text[] NOT NULL,
    valid_from timestamptz, valid_to timestamptz
);
CREATE TEMP TABLE scope_certificate (certificate bigint NOT NULL);
CREATE TEMP TABLE scope_endpoint (
    endpoint bigint NOT NULL,
    is_added boolean NOT NULL DEFAULT false     -- for the sake of another (reconcile_scope_changed.sql)
);
CREATE TEMP TABLE scope_record (record bigint NOT NULL);
CREATE TEMP TABLE hit (
    rule text COLLATE "C" NOT NULL, certificate bigint, endpoint bigint, severity text COLLATE "C" NOT NULL,
    evidence jsonb NOT NULL, next_change_at timestamptz
);
CREATE TEMP TABLE written (what text NOT NULL, count bigint NOT NULL);      -- rows that this run changed
CREATE TEMP TABLE owner_part (LIKE owner_count INCLUDING DEFAULTS);
CREATE TEMP TABLE count_part (site bigint NOT NULL, subject text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, count bigint NOT NULL);
