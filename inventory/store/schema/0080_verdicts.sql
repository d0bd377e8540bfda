-- What reconciliation says. A row is one value of one axis (or one hit of one policy rule) for one subject over one
-- period; `until` NULL: true now. A run writes only what differs from the run before.

CREATE TABLE rule (
    id text COLLATE "C" PRIMARY KEY,    -- "K02"
    version integer NOT NULL,
    title text NOT NULL,
    severity text NOT NULL,             -- as a rule: a hit may be graver or lighter
    source text NOT NULL,               -- clause
    next_step text NOT NULL             -- for the certificate's owner
);

CREATE TABLE severity (
    name text COLLATE "C" PRIMARY KEY,
    rank integer NOT NULL               -- 1 gravest
);
INSERT INTO severity VALUES ('critical', 1), ('high', 2), ('medium', 3), ('low', 4), ('info', 5);

CREATE TABLE reconcile_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    as_of timestamptz NOT NULL,
    is_replay boolean NOT NULL,         -- an --as-of run: judged and recorded here, verdicts left alone
    policy bigint NOT NULL REFERENCES policy (id),
    account jsonb                       -- {"record": {"managed": 5, ...}, ..., "policy": {"K02": 1, ...}}
);

CREATE TABLE verdict (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    axis text COLLATE "C" NOT NULL CHECK (axis IN ('record', 'issuer', 'deployment', 'time', 'policy')),
    rule text COLLATE "C" NOT NULL,     -- of policy: rule.id; otherwise the axis's own step, "R-sha256"
    rule_version integer NOT NULL,
    certificate bigint REFERENCES certificate (id),     -- NULL: of the endpoint alone
    endpoint bigint REFERENCES endpoint (id),           -- NULL: of the certificate wherever it is
    record bigint REFERENCES managed_record (id),       -- of deployment: a record whose certificate is not where it should be
    value text COLLATE "C" NOT NULL,    -- of policy: 'hit'
    severity text COLLATE "C" REFERENCES severity (name),       -- of policy
    evidence jsonb NOT NULL,
    since timestamptz NOT NULL,         -- as_of of the run that found it first
    until timestamptz,
    next_change_at timestamptz          -- when time alone will change it; NULL: never
);
CREATE UNIQUE INDEX verdict_open ON verdict (axis, rule, coalesce(certificate, 0), coalesce(endpoint, 0), coalesce(record, 0), value)
    WHERE until IS NULL;
CREATE INDEX verdict_certificate ON verdict (certificate) WHERE until IS NULL;
CREATE INDEX verdict_endpoint ON verdict (endpoint) WHERE until IS NULL;
CREATE INDEX verdict_due ON verdict (next_change_at) WHERE until IS NULL;

-- Whose each certificate is at each place (endpoint NULL: wherever it is), with the line that says so.
CREATE TABLE ownership (
    certificate bigint NOT NULL REFERENCES certificate (id),
    endpoint bigint REFERENCES endpoint (id),
    owner text NOT NULL,
    contacts text[] NOT NULL,
    environment text,
    evidence text NOT NULL              -- "owners.csv:3: 10.1.0.0/16,..." or "managed record ca.csv:7"
);
CREATE UNIQUE INDEX ownership_key ON ownership (certificate, coalesce(endpoint, 0));

-- The numbers of cipher suites and what they are: written by reconcile from the names of probes/tls.
CREATE TABLE cipher_suite (
    id integer PRIMARY KEY,             -- IANA
    name text COLLATE "C" NOT NULL,
    key_exchange text COLLATE "C" NOT NULL,
    authentication text COLLATE "C" NOT NULL,
    encryption text COLLATE "C" NOT NULL,
    mac text COLLATE "C" NOT NULL,
    bits integer NOT NULL,
    is_export boolean NOT NULL,
    is_aead boolean NOT NULL,
    has_forward_secrecy boolean NOT NULL
);
