-- The contents of certificates: a pure function of one DER, so it can be computed again at any time. NULL: the field is
-- absent, or broken (then its name stands in `broken`).
--
--     certificate ── certificate_own ──┬─► profile         what thousands share: issuer, algorithms, usages, URLs
--                         │            └─► public_key ── key_weakness
--                         └── certificate_name
--  certificate_facts shows all of a certificate in one row. It joins by keys and from the left, so a query that uses no column of
-- profile or key does not read them. A rule about shared fields can read profile: one row per kind, not per certificate.

-- Certificates whose facts are to be computed. A trigger on `certificate` fills it.
CREATE TABLE facts_pending (certificate bigint NOT NULL);
CREATE INDEX facts_pending_certificate ON facts_pending (certificate);

CREATE TABLE profile (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE,       -- over the DER of all these fields, and FACTS_VERSION
    version integer,                    -- 1, 2, 3
    issuer text COLLATE "C",            -- RFC 4514
    issuer_folded text COLLATE "C",     -- cert_text_fold_name(): for comparing names from other sources
    issuer_attributes text[],           -- "O=Example Agency"
    authority_key_id bytea,
    key_algorithm text COLLATE "C",     -- "rsa", "rsa-pss", "ec", "ed25519" ...
    key_bits integer,
    key_curve text COLLATE "C",
    key_explicit_curve text COLLATE "C",        -- the named curve that explicit parameters repeat
    rsa_exponent numeric,
    security_bits integer,              -- against a classical computer (SP 800-57 part 1); NULL unknown
    quantum_level integer,              -- NIST's level 1 to 5; 0: none (IR 8547); NULL unknown
    signature_algorithm text COLLATE "C",
    signature_hash text COLLATE "C",    -- NULL: the algorithm has none of its own
    signature_parameters text COLLATE "C",      -- of RSASSA-PSS; 'absent' where there should be some
    signature_algorithms_agree boolean NOT NULL,
    signed_algorithm text COLLATE "C",  -- the one inside, where it differs from the one outside
    is_ca boolean NOT NULL,
    path_len bigint,
    kinds text[] NOT NULL,              -- by usage: ca, server, client, smime, code_signing, ocsp, time_stamping; or unknown
    key_usage text[],                   -- NULL: no such extension
    extended_key_usage text[],
    policies text[],
    policy_qualifiers text[] NOT NULL,  -- "OID cps=URL", "OID notice=text"
    validation text COLLATE "C",        -- dv, ov, iv, ev by the CA/Browser Forum's policies; NULL: says nothing
    crl_urls text[] NOT NULL,
    crl_reasons text[] NOT NULL,        -- that a CRL is limited to
    freshest_crl_urls text[] NOT NULL,
    ocsp_urls text[] NOT NULL,
    ca_issuer_urls text[] NOT NULL,
    access_methods text[] NOT NULL,     -- other authority, and all subject information access: "caRepository=URL"
    name_constraints text[],            -- "permitted dns:.example", "excluded ip:10.0.0.0/255.0.0.0"
    qc_statements text[] NOT NULL,      -- OIDs, "OID=type"
    issuer_alt_names text[] NOT NULL,   -- "dns:a.example"
    extensions text[] NOT NULL,         -- OIDs
    critical_extensions text[] NOT NULL,
    duplicate_extensions text[] NOT NULL,
    must_staple boolean NOT NULL,
    is_precertificate boolean NOT NULL
);

CREATE TABLE public_key (
    spki_sha256 bytea PRIMARY KEY,
    modulus bytea,                      -- of an RSA key with one above 3
    modulus_sha256 bytea                -- of those bytes without leading zeros: one modulus may have several exponents
);
CREATE INDEX public_key_modulus ON public_key (modulus_sha256) WHERE modulus_sha256 IS NOT NULL;

-- Moduli that `keys gcd` has tested; all others are untested for larger and for shared primes.
CREATE TABLE modulus_tested (
    modulus_sha256 bytea PRIMARY KEY,
    is_prime_tested boolean NOT NULL,   -- whether it is itself a prime
    is_excluded boolean NOT NULL,       -- even, or with a small factor: a fault by itself; not compared with others
    is_compared boolean NOT NULL,       -- with all moduli that existed then
    tested_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE key_weakness (
    spki_sha256 bytea NOT NULL,
    weakness text COLLATE "C" NOT NULL, -- key_finding.c has the words
    evidence jsonb NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (spki_sha256, weakness)
);

-- Which moduli share a prime. It is stored as a hash, since the prime itself reveals the private key.
CREATE TABLE shared_prime (
    prime_sha256 bytea NOT NULL,
    modulus_sha256 bytea NOT NULL,
    PRIMARY KEY (prime_sha256, modulus_sha256)
);

CREATE TABLE certificate_own (
    certificate bigint PRIMARY KEY,
    facts_version integer NOT NULL,     -- FACTS_VERSION of facts.c; rows of another version are recomputed
    computed_at timestamptz NOT NULL DEFAULT now(),
    profile bigint,                     -- NULL: the database refused the facts (set_aside)
    sha1 bytea,                         -- over the whole DER
    broken text[] NOT NULL,             -- cert_field_name(): "structure", "not_after" ...
    serial_number text COLLATE "C",     -- hexadecimal without leading zeros, '-' ahead of a negative one
    serial_bytes integer,               -- of the INTEGER's content
    subject text COLLATE "C",           -- RFC 4514
    subject_folded text COLLATE "C",
    subject_attributes text[],
    common_names text[],                -- all of them, in order
    not_before timestamptz,             -- both ends inside (RFC 5280, 4.1.2.5)
    not_after timestamptz,
    spki_sha256 bytea,
    has_subject_alt_names boolean NOT NULL,
    dns_names text[] NOT NULL,          -- SANs in order, lower case
    ip_names inet[] NOT NULL,
    name_set text[] NOT NULL,           -- DNS and IP SANs as text, sorted, once each: equal sets are equal arrays
    names_omitted integer NOT NULL,     -- SANs beyond the first 1,000 (CERT_NAMES_MAX), which only the DER has
    subject_key_id bytea,
    sct_count integer NOT NULL,         -- embedded
    sct_logs bytea[] NOT NULL,          -- log ids of those of version 1
    sct_times_ms bigint[] NOT NULL,     -- since 1970-01-01 UTC, side by side with sct_logs
    is_self_issued boolean NOT NULL,
    is_self_signed boolean NOT NULL,    -- self-issued, and the signature verifies with its own key
    name_faults text[] NOT NULL DEFAULT '{}'    -- of DNS and IP SANs, each once: "internal name: mail.corp" (name_faults.c has the words)
);
-- By hash: a serial number may be longer than an index row can be.
CREATE INDEX certificate_own_serial ON certificate_own USING hash (serial_number);
CREATE INDEX certificate_own_spki ON certificate_own (spki_sha256);
CREATE INDEX certificate_own_sha1 ON certificate_own USING hash (sha1);
CREATE INDEX certificate_own_version ON certificate_own USING brin (facts_version);
-- Nothing is estimated by these, and to sample texts and arrays costs as much as loading a thousand certificates.
ALTER TABLE certificate_own
    ALTER COLUMN sha1 SET STATISTICS 0, ALTER COLUMN broken SET STATISTICS 0, ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN subject_folded SET STATISTICS 0, ALTER COLUMN subject_attributes SET STATISTICS 0,
    ALTER COLUMN common_names SET STATISTICS 0, ALTER COLUMN dns_names SET STATISTICS 0, ALTER COLUMN ip_names SET STATISTICS 0,
    ALTER COLUMN subject_key_id SET STATISTICS 0, ALTER COLUMN sct_logs SET STATISTICS 0, ALTER COLUMN sct_times_ms SET STATISTICS 0,
    ALTER COLUMN name_faults SET STATISTICS 0;

CREATE VIEW certificate_facts AS
    SELECT o.certificate, o.facts_version, o.computed_at, o.profile, o.sha1, o.broken, p.version, o.serial_number, o.serial_bytes,
           o.subject, p.issuer, o.subject_folded, p.issuer_folded, o.subject_attributes, p.issuer_attributes,
           o.common_names[1] AS common_name, o.common_names, o.not_before, o.not_after,
           p.key_algorithm, p.key_bits, p.key_curve, p.key_explicit_curve, p.rsa_exponent, p.security_bits, p.quantum_level,
           o.spki_sha256, p.signature_algorithm, p.signature_hash, p.signature_parameters,
           coalesce(p.signature_algorithms_agree, false) AS signature_algorithms_agree, p.signed_algorithm,
           o.has_subject_alt_names, o.dns_names, o.ip_names, o.name_set, o.names_omitted,
           coalesce(p.is_ca, false) AS is_ca, p.path_len, coalesce(p.kinds, '{unknown}') AS kinds, p.key_usage, p.extended_key_usage,
           p.authority_key_id, o.subject_key_id, p.policies, coalesce(p.policy_qualifiers, '{}') AS policy_qualifiers, p.validation,
           coalesce(p.crl_urls, '{}') AS crl_urls, coalesce(p.crl_reasons, '{}') AS crl_reasons,
           coalesce(p.freshest_crl_urls, '{}') AS freshest_crl_urls, coalesce(p.ocsp_urls, '{}') AS ocsp_urls,
           coalesce(p.ca_issuer_urls, '{}') AS ca_issuer_urls, coalesce(p.access_methods, '{}') AS access_methods,
           p.name_constraints, coalesce(p.qc_statements, '{}') AS qc_statements,
           coalesce(p.issuer_alt_names, '{}') AS issuer_alt_names, coalesce(p.extensions, '{}') AS extensions,
           coalesce(p.critical_extensions, '{}') AS critical_extensions,
           coalesce(p.duplicate_extensions, '{}') AS duplicate_extensions, o.sct_count, o.sct_logs, o.sct_times_ms,
           coalesce(p.must_staple, false) AS must_staple, coalesce(p.is_precertificate, false) AS is_precertificate,
           o.is_self_issued, o.is_self_signed, o.name_faults,
           -- BR 7.1.2.11.2: 10 days, 7 from 2026-03-15 on; a life counts its last second.
           o.not_after - o.not_before < CASE WHEN o.not_before < '2026-03-15 00:00:00+00' THEN interval '10 days' ELSE interval '7 days' END
               AS is_short_lived
    FROM certificate_own o
    LEFT JOIN profile p ON p.id = o.profile;

-- Every name in a certificate, the first 1,000: the bytes, and a cleaned text for people.
CREATE TABLE certificate_name (
    certificate bigint NOT NULL,
    ordinal integer NOT NULL,           -- SANs in order, then the common names
    kind text COLLATE "C" NOT NULL,     -- dns, ip, email, uri, directory, upn, srv, registered_id, other, common_name
    name text COLLATE "C" NOT NULL,
    bytes bytea,                        -- NULL: those of `name`
    address inet,
    -- Of dns and of common names that are one (without a leading "*."); NULL otherwise:
    reversed text COLLATE "C",          -- "gov.example.www": names below a suffix are a range of it, 'gov.example.' to 'gov.example/'
    registrable text COLLATE "C",       -- one label below the public suffix; NULL: is itself a public suffix (or no name)
    unicode text COLLATE "C",           -- as people read it, where it is an IDN (RFC 5890)
    PRIMARY KEY (certificate, ordinal)
);
-- A name may be longer than an index row can be.
CREATE INDEX certificate_name_name ON certificate_name USING hash (name);
CREATE INDEX certificate_name_reversed ON certificate_name (left(reversed, 300)) WHERE reversed IS NOT NULL;
CREATE INDEX certificate_name_registrable ON certificate_name USING hash (registrable);
CREATE INDEX certificate_name_address ON certificate_name (address) WHERE address IS NOT NULL;

CREATE FUNCTION facts_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('certsweep.facts', true) = 'follow' THEN         -- in the same transaction
        RETURN NULL;
    END IF;
    INSERT INTO facts_pending SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER facts_queue AFTER INSERT ON certificate REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION facts_queue();

-- There are no foreign keys: a check per row would cost as much as the row. A trigger deletes the facts when `certificate` is truncated.
CREATE FUNCTION facts_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE facts_pending, certificate_own, certificate_name, profile, public_key, modulus_tested, key_weakness, shared_prime;
    RETURN NULL;
END $$;
CREATE TRIGGER facts_forget AFTER TRUNCATE ON certificate FOR EACH STATEMENT EXECUTE FUNCTION facts_forget();

-- Is the certificate valid for this host name (RFC 6125; the rules of OpenSSL's X509_check_host: dNSNames, the
-- common names only where there is none, a wildcard as the whole first label of at least three)?
CREATE FUNCTION certificate_matches_name(dns_names text[], common_names text[], host text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM unnest(CASE WHEN dns_names = '{}' THEN common_names ELSE dns_names END) AS pattern
        WHERE lower(pattern) = lower(host)
           OR (pattern LIKE '*.%.%' AND position('.' IN host) > 1
               AND lower(substr(pattern, 2)) = lower(substr(host, position('.' IN host)))))
$$;
