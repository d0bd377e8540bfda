-- The results of reconciliation. Present values are in tables with one row per subject; a run writes only what differs from the
-- run before. Past values are in verdict_past. The view `verdict` shows all of it, one value a row.
--
--     certificate_now    axes record, issuer, time; worst finding, owner, places of each certificate
--     endpoint_judged    axis deployment and owner of each leaf at each endpoint that serves it
--     record_judged      axis deployment of records whose certificate is not where it should be
--     match_now          which certificates and records the match ladder pairs
--     finding            axis policy: what a rule says of a certificate, of an endpoint, of one at the other
--
-- These tables have no foreign keys: the run that fills them has just joined the rows they refer to.

CREATE TABLE rule (
    id text COLLATE "C" PRIMARY KEY,    -- "K02"
    version integer NOT NULL,
    title text NOT NULL,
    severity text NOT NULL,             -- the usual one: a single hit may differ
    source text NOT NULL,               -- clause
    next_step text NOT NULL,            -- for the certificate's owner
    kinds text[] NOT NULL,              -- profile.kinds to which it applies; {any}: all
    needs text NOT NULL                 -- what must have been asked ("posture tls10, posture tls11"); '': any observation is enough
);

CREATE TABLE severity (
    name text COLLATE "C" PRIMARY KEY,
    rank smallint NOT NULL UNIQUE       -- 1 gravest
);
INSERT INTO severity VALUES ('critical', 1), ('high', 2), ('medium', 3), ('low', 4), ('info', 5);

CREATE TABLE reconcile_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    as_of timestamptz NOT NULL,
    is_replay boolean NOT NULL,         -- an --as-of run: judged and recorded here; the present is unchanged
    is_full boolean NOT NULL,           -- everything was judged, not only what had changed
    basis text NOT NULL,                -- policy, rules and rule book that it judged by: if it differs, the next run is a full one
    changed bigint NOT NULL,            -- rows of the tables below that it wrote or deleted
    policy bigint NOT NULL REFERENCES policy (id),
    account jsonb                       -- {"record": {"managed": 5, ...}, ..., "policy": {"K02": 1, ...}}
);

-- Why somebody is an owner: a line of the rule book or a managed record, with its fields. The same fields give the same row, so
-- that importing the same rule book again changes nothing below.
CREATE TABLE owner_basis (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE,           -- MD5 over its fields
    owner text NOT NULL,
    contacts text[] NOT NULL,
    environment text,
    evidence text NOT NULL              -- "owners.csv:3: 10.1.0.0/16,..." or "managed record ca.csv:7"
);

CREATE TABLE certificate_now (
    certificate bigint PRIMARY KEY,
    sha256 bytea NOT NULL,
    is_leaf boolean NOT NULL,           -- position 0 as served, ever, or in the managed set: axes are for these
    is_judged boolean NOT NULL,         -- served now somewhere in a chain, or managed: rules are for these
    name text NOT NULL,                 -- for people
    issuer_name text,
    not_before timestamptz,
    not_after timestamptz,
    ends_at timestamptz NOT NULL,       -- not_after for sorting: 'infinity' where it cannot be read
    renewal_due_at timestamptz,
    expiring_at timestamptz,
    record text COLLATE "C",            -- managed, unmanaged, accepted, ignored, not judged
    record_step text COLLATE "C",       -- why: record_evidence() has the words
    match_step smallint,                -- of the match ladder (reconcile_managed.sql); 0: linked by decision; NULL: nothing found
    record_id bigint,                   -- the managed record that matches, or is suggested
    decision bigint,
    record_since timestamptz,           -- as_of of the run that found it first
    issuer text COLLATE "C",            -- self-signed, own, approved, foreign, private, unknown, not judged
    issuer_step text COLLATE "C",
    predicate text COLLATE "C",         -- the policy's name of the CA
    issuer_since timestamptz,
    time text COLLATE "C",              -- not yet, ok, renewal due, expiring, expired, too long, unknown
    time_since timestamptz,
    next_change_at timestamptz,         -- when one of these values will change by time alone; NULL: never
    severity_rank smallint NOT NULL,    -- of its worst finding; 9: none
    worst_rule text COLLATE "C",
    hit_count integer NOT NULL,
    rules text[] NOT NULL,
    owner_basis bigint,
    place_count integer NOT NULL,       -- endpoints that serve it now as a leaf
    first_seen timestamptz,
    serial_key bigint,                  -- hashes by which records and certificates are matched
    spki_key bigint,
    names_key bigint,
    revoked_at timestamptz,             -- as a record, a list or an answer says
    is_revoked boolean NOT NULL DEFAULT false,
    muted_until timestamptz,            -- no notices until then; 'infinity': until it is undone
    newer_record bigint,                -- a record that replaces this one
    newer_certificate bigint,           -- a certificate that replaced it at an endpoint
    candidate_record bigint,            -- a later record of the same names, served nowhere
    is_automatic boolean NOT NULL DEFAULT false,        -- its predecessors were renewed in time, automatically
    superseded_count integer NOT NULL DEFAULT 0         -- places that serve it and should serve a newer one
);
CREATE INDEX certificate_now_name ON certificate_now (text_key(lower(name)));
CREATE INDEX certificate_now_unmanaged ON certificate_now (severity_rank, ends_at, sha256)
    WHERE record = 'unmanaged' AND place_count > 0;
CREATE INDEX certificate_now_foreign ON certificate_now (record DESC, ends_at, sha256) WHERE issuer = 'foreign';
CREATE INDEX certificate_now_due ON certificate_now (ends_at, sha256) WHERE time IN ('renewal due', 'expiring', 'expired');
CREATE INDEX certificate_now_change ON certificate_now (next_change_at) WHERE next_change_at IS NOT NULL;
CREATE INDEX certificate_now_serial ON certificate_now (serial_key);
CREATE INDEX certificate_now_spki ON certificate_now (spki_key);
CREATE INDEX certificate_now_names ON certificate_now (names_key);
CREATE INDEX certificate_now_record ON certificate_now (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE match_now (
    certificate bigint NOT NULL,
    record bigint NOT NULL,
    step smallint NOT NULL,
    way text COLLATE "C" NOT NULL,      -- as certificate_now.record_step
    is_counted boolean NOT NULL,        -- false: ambiguous or only suggested
    PRIMARY KEY (certificate, record)
);
CREATE INDEX match_now_record ON match_now (record);

CREATE TABLE endpoint_judged (
    endpoint bigint NOT NULL,
    certificate bigint NOT NULL,        -- a leaf that it serves now
    site bigint NOT NULL,
    deployment text COLLATE "C" NOT NULL,
    record_id bigint,                   -- the record that names this place; else the one that matches
    newer_record bigint,                -- a later certificate of the same names, which should be here
    expected_record bigint,             -- another record that names this place
    deployment_since timestamptz NOT NULL,
    owner_basis bigint,
    PRIMARY KEY (endpoint, certificate)
);
CREATE INDEX endpoint_judged_certificate ON endpoint_judged (certificate, site);

CREATE TABLE record_judged (
    record bigint PRIMARY KEY,
    certificate bigint,                 -- where the inventory has it
    endpoint bigint,                    -- the place that answered without it
    deployment text COLLATE "C" NOT NULL,       -- recorded but not seen, unreachable, never served, not located, not judged
    outcome smallint,                   -- of the answer, or of the silence
    reason text COLLATE "C",
    since timestamptz NOT NULL,
    next_change_at timestamptz
);
CREATE INDEX record_judged_change ON record_judged (next_change_at) WHERE next_change_at IS NOT NULL;
CREATE INDEX record_judged_endpoint ON record_judged (endpoint) WHERE endpoint IS NOT NULL;

CREATE TABLE finding (
    certificate bigint NOT NULL,        -- 0: about the endpoint only
    endpoint bigint NOT NULL,           -- 0: about the certificate at any place
    rule text COLLATE "C" NOT NULL,
    rule_version integer NOT NULL,
    severity_rank smallint NOT NULL,
    evidence jsonb NOT NULL,            -- without values that change every day
    since timestamptz NOT NULL,
    next_change_at timestamptz,
    PRIMARY KEY (certificate, endpoint, rule)
);
CREATE INDEX finding_endpoint ON finding (endpoint) WHERE endpoint <> 0;
CREATE INDEX finding_list ON finding (severity_rank, rule, certificate, endpoint);

-- Past values with their times and the evidence of the last day.
CREATE TABLE verdict_past (
    axis text COLLATE "C" NOT NULL CHECK (axis IN ('record', 'issuer', 'deployment', 'time', 'policy')),
    rule text COLLATE "C" NOT NULL,     -- of policy: rule.id; otherwise the axis's own step, "R-sha256"
    certificate bigint,
    endpoint bigint,
    record bigint,
    value text COLLATE "C" NOT NULL,    -- of policy: 'hit'
    severity text COLLATE "C",
    evidence jsonb NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX verdict_past_certificate ON verdict_past (certificate) WHERE certificate IS NOT NULL;
CREATE INDEX verdict_past_endpoint ON verdict_past (endpoint) WHERE endpoint IS NOT NULL;
CREATE INDEX verdict_past_until ON verdict_past (until);

-- Counts of each value, by site and (site 0) for all; updated by each run. "record" and the like count leaves,
-- "served record" those that are served now, "deployment" a leaf at an endpoint, "rule" and "severity" findings.
CREATE TABLE now_count (
    site bigint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (site, subject, value)
);

-- Cipher suites by number; reconcile writes them from the tables of probes/tls.
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

-- Why an axis has its value, for people and programs; computed when it is read.
CREATE FUNCTION record_evidence(step text, record_id bigint, decision_id bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(coalesce(jsonb_build_object('reason', CASE step
            WHEN 'R-none' THEN 'there is no managed source'
            WHEN 'R-unmatched' THEN 'no record of any source matches'
            WHEN 'R-sha256' THEN 'the same certificate, by SHA-256'
            WHEN 'R-sha1' THEN 'the same certificate, by SHA-1'
            WHEN 'R-issuer-serial' THEN 'the same issuer and serial number'
            WHEN 'R-serial' THEN 'the same serial number, which one issuer alone has used, and equal names or dates'
            WHEN 'R-key' THEN 'the same key, an equal name and the same class of issuer'
            WHEN 'R-linked' THEN 'linked by decision'
            WHEN 'R-not-in-force' THEN 'its record is not in force'
            WHEN 'R-ambiguous' THEN 'several certificates fit this record, so none is matched'
            WHEN 'R-impostor' THEN 'it has the issuer and serial number of this record, and another key'
            WHEN 'R-serial-only' THEN 'a record has the same serial number, and nothing else to compare'
            WHEN 'R-key-only' THEN 'a record has the same key, but another name or issuer'
            WHEN 'R-names' THEN 'a record has the same names; is this its renewal?'
            WHEN 'R-common-name' THEN 'a record has the same common name; is it this one?' END,
            'next_command', CASE WHEN step = 'R-none' THEN 'certsweep managed import FILE --source NAME' END), '{}')
        || coalesce((SELECT jsonb_build_object('decision', d.id, 'decided', d.kind, 'decided_by', d.who, 'because', d.reason, 'until', d.until,
                               'inherited_from', d.inherited_from)
                     FROM decision d WHERE d.id = decision_id), '{}')
        || coalesce((SELECT jsonb_build_object('step', array_position(ARRAY['R-linked', 'R-sha256', 'R-issuer-serial', 'R-serial', 'R-key',
                                   'R-names', 'R-common-name'], replace(step, 'R-sha1', 'R-sha256')) - 1,
                               'source', s.name, 'file', r.file, 'line', r.line, 'record', r.id, 'status', r.status)
                     FROM managed_record r JOIN managed_source s ON s.id = r.source WHERE r.id = record_id), '{}'))
$$;

CREATE FUNCTION issuer_evidence(step text, predicate text, the_certificate bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(CASE
        WHEN step = 'I-self-signed' THEN jsonb_build_object('reason', 'its signature verifies with its own key')
        WHEN step = 'I-none' THEN jsonb_build_object('reason', 'the policy names no own CA',
            'next_command', 'certsweep policy use FILE (with an [own ca: NAME] section)', 'issuer', f.issuer)
        WHEN step = 'I-not-signed' THEN jsonb_build_object('reason', 'it names an issuer of the policy, and no key of that name has signed it',
            'predicate', predicate, 'issuer', f.issuer)
        WHEN step LIKE '%-names' THEN jsonb_build_object('reason', 'by names only: no CA certificate of that name is known', 'predicate', predicate,
            'issuer', f.issuer)
        WHEN predicate IS NOT NULL AND step IN ('I-own', 'I-approved') THEN jsonb_build_object('reason', 'signed by the key of that CA',
            'predicate', predicate, 'issuer', f.issuer)
        ELSE jsonb_build_object('issuer', f.issuer, 'store', t.store, 'path_not_after', t.not_after,
            'root_sha256', encode(t.root, 'hex')) END)
    FROM (VALUES (the_certificate)) c (id)
    LEFT JOIN certificate_facts f ON f.certificate = c.id       -- none while they are recomputed
    LEFT JOIN LATERAL (
        SELECT CASE p.store_kind WHEN 'public' THEN 'public' ELSE 'known' END AS store, p.not_after, r.sha256 AS root
        FROM certificate_path p JOIN certificate r ON r.id = p.root
        WHERE p.certificate = c.id AND p.fault IS NULL
        ORDER BY p.store_kind = 'public' DESC, p.is_weak, p.not_after DESC NULLS FIRST LIMIT 1) t ON true
$$;

CREATE FUNCTION deployment_evidence(deployment text, record_id bigint, newer bigint, expected bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('record', record_id, 'newer_record', newer,
        'newer_not_before', (SELECT r.not_before FROM managed_record r WHERE r.id = newer), 'expected_record', expected,
        'next_command', CASE WHEN deployment = 'not judged' THEN 'certsweep managed import FILE --source NAME' END))
$$;

CREATE FUNCTION recorded_evidence(the_record bigint, the_endpoint bigint, deployment text, outcome_id smallint, reason text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('source', s.name, 'file', r.file, 'line', r.line, 'location', l.location,
        'common_name', r.common_name, 'reason', reason,
        'delivered_at', CASE WHEN deployment = 'never served' THEN r.delivered_at END,
        'return_until', CASE WHEN deployment = 'never served'
                             THEN (SELECT r.delivered_at + make_interval(days => t.test_window_days) FROM policy_term t) END,
        'last_answer_at', state.last_answer_at,
        'last_outcome', CASE WHEN deployment <> 'unreachable' THEN o.name END,
        'silence', CASE WHEN deployment = 'unreachable' THEN o.name END,
        'next_command', CASE WHEN deployment = 'not judged' AND reason IS NULL THEN 'certsweep scan ' || l.location END))
    FROM managed_record r
    JOIN managed_source s ON s.id = r.source
    LEFT JOIN outcome o ON o.id = outcome_id
    LEFT JOIN endpoint_state state ON state.endpoint = the_endpoint
    LEFT JOIN LATERAL (
        SELECT coalesce(l.name || CASE WHEN l.address IS NULL THEN '' ELSE '@' END, '') || coalesce(host(l.address), '')
               || coalesce(':' || l.port, '') AS location
        FROM managed_location l WHERE l.record = r.id LIMIT 1) l ON true
    WHERE r.id = the_record
$$;

-- Every verdict, present (until NULL) or past.
CREATE VIEW verdict AS
    SELECT 'record'::text COLLATE "C" AS axis, record_step AS rule, certificate, NULL::bigint AS endpoint,
           NULL::bigint AS record, n.record AS value, NULL::text COLLATE "C" AS severity,
           record_evidence(record_step, record_id, decision) AS evidence, record_since AS since, NULL::timestamptz AS until
    FROM certificate_now n WHERE is_leaf
    UNION ALL
    SELECT 'issuer', issuer_step, certificate, NULL, NULL, issuer, NULL,
           issuer_evidence(issuer_step, predicate, certificate), issuer_since, NULL
    FROM certificate_now WHERE is_leaf
    UNION ALL
    SELECT 'time', 'T-dates', certificate, NULL, NULL, time, NULL,
           jsonb_strip_nulls(jsonb_build_object('not_before', not_before, 'not_after', not_after,
               'renewal_due_at', renewal_due_at, 'expiring_at', expiring_at)), time_since, NULL
    FROM certificate_now WHERE is_leaf
    UNION ALL
    SELECT 'deployment', 'D-served', certificate, endpoint, NULL, deployment, NULL,
           deployment_evidence(deployment, record_id, newer_record, expected_record), deployment_since, NULL
    FROM endpoint_judged
    UNION ALL
    SELECT 'deployment', 'D-recorded', certificate, endpoint, j.record, deployment, NULL, 
           recorded_evidence(j.record, endpoint, deployment, outcome, reason), since, NULL
    FROM record_judged j
    UNION ALL
    SELECT 'policy', f.rule, nullif(f.certificate, 0), nullif(f.endpoint, 0), NULL, 'hit', s.name, f.evidence, f.since, NULL
    FROM finding f JOIN severity s ON s.rank = f.severity_rank
    UNION ALL
    SELECT axis, rule, certificate, endpoint, record, value, severity, evidence, since, until FROM verdict_past;

-- The owner of each certificate at each place (endpoint NULL: at all of them), with the rule that decided.
CREATE VIEW ownership AS
    SELECT n.certificate, NULL::bigint AS endpoint, b.owner, b.contacts, b.environment, b.evidence
    FROM certificate_now n JOIN owner_basis b ON b.id = n.owner_basis
    UNION ALL
    SELECT j.certificate, j.endpoint, b.owner, b.contacts, b.environment, b.evidence
    FROM endpoint_judged j JOIN owner_basis b ON b.id = j.owner_basis;

-- The list of what must be judged again (dirty), kept by the tables themselves, so that no writer can forget it.
-- Arguments: kind, and the column of the changed rows that holds the id.
CREATE FUNCTION dirty_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO dirty SELECT DISTINCT %s, %I FROM fresh', TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;
CREATE TRIGGER managed_record_new AFTER INSERT ON managed_record REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(3, 'id');
CREATE TRIGGER managed_record_other AFTER UPDATE ON managed_record REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(3, 'id');
CREATE TRIGGER managed_location_new AFTER INSERT ON managed_location REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(3, 'record');
-- The loader itself marks the endpoints whose present it has changed.
CREATE TRIGGER endpoint_now_new AFTER INSERT ON endpoint_now REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(2, 'endpoint');
CREATE TRIGGER endpoint_now_gone AFTER DELETE ON endpoint_now REFERENCING OLD TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(2, 'endpoint');
CREATE TRIGGER posture_new AFTER INSERT ON posture REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_rows(2, 'endpoint');

CREATE FUNCTION dirty_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty SELECT DISTINCT 1, c.id FROM fresh JOIN certificate c USING (sha256);
    RETURN NULL;
END $$;
CREATE TRIGGER decision_new AFTER INSERT ON decision REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_decision();
CREATE TRIGGER decision_other AFTER UPDATE ON decision REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_decision();

-- When a CA certificate of an issuer's name becomes known, its key decides which certificates are its own: marks all that name this issuer.
CREATE FUNCTION dirty_authority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty
    SELECT 1, e.child FROM (SELECT DISTINCT a.name_key FROM fresh JOIN authority a ON a.id = fresh.authority) n
    JOIN edge e ON e.issuer_name = n.name_key AND e.authority IS NULL
    UNION
    SELECT 1, e.child FROM (SELECT DISTINCT a.name_key FROM fresh JOIN authority a ON a.id = fresh.authority) n
    JOIN authority o ON o.name_key = n.name_key JOIN edge e ON e.authority = o.id;
    RETURN NULL;
END $$;
CREATE TRIGGER authority_certificate_new AFTER INSERT ON authority_certificate REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_authority();

-- A record whose place did not answer is unreachable.
CREATE FUNCTION dirty_quiet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty
    SELECT DISTINCT 3, l.record
    FROM (SELECT DISTINCT prefix FROM fresh) q JOIN managed_location l ON address_prefix(l.address) = q.prefix;
    RETURN NULL;
END $$;
CREATE TRIGGER quiet_new AFTER INSERT ON quiet REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_quiet();
CREATE TRIGGER quiet_other AFTER UPDATE ON quiet REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_quiet();
