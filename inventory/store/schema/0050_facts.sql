-- What certificates say: a pure function of one DER, so it can be computed again at any time. NULL: the field is
-- absent, or broken (then its name stands in `broken`).

CREATE TABLE certificate_facts (
    certificate bigint PRIMARY KEY REFERENCES certificate (id),
    facts_version integer NOT NULL,     -- FACTS_VERSION of facts.c; rows of an older one are computed anew
    computed_at timestamptz NOT NULL DEFAULT now(),
    broken text[] NOT NULL,             -- cert_field_name(): "structure", "not_after" ...
    version integer,                    -- 1, 2, 3
    serial_number text COLLATE "C",     -- hexadecimal without leading zeros
    subject text COLLATE "C",           -- RFC 4514
    issuer text COLLATE "C",
    subject_folded text COLLATE "C",    -- cert_text_fold_name(): for comparing names from other sources
    issuer_folded text COLLATE "C",
    subject_attributes text[],          -- "O=Example Agency"
    issuer_attributes text[],
    common_name text COLLATE "C",       -- the first one
    not_before timestamptz,             -- both ends inside (RFC 5280, 4.1.2.5)
    not_after timestamptz,
    key_algorithm text COLLATE "C",     -- "rsa", "ec", "ed25519" ...
    key_bits integer,
    key_curve text COLLATE "C",
    rsa_exponent numeric,
    spki_sha256 bytea,
    signature_algorithm text COLLATE "C",
    signature_hash text COLLATE "C",    -- NULL: the algorithm has none of its own
    signature_algorithms_agree boolean NOT NULL,
    has_subject_alt_names boolean NOT NULL,
    dns_names text[] NOT NULL,          -- SANs in order, lower case
    ip_names inet[] NOT NULL,
    name_set text[] NOT NULL,           -- DNS and IP SANs as text, sorted, once each: equal sets are equal arrays
    names_omitted integer NOT NULL,     -- SANs behind the first 1,000 (CERT_NAMES_MAX): in the DER, nowhere else
    is_ca boolean NOT NULL,
    path_len integer,
    key_usage text[],                   -- NULL: no such extension
    extended_key_usage text[],
    authority_key_id bytea,
    subject_key_id bytea,
    policies text[],
    crl_urls text[] NOT NULL,
    ocsp_urls text[] NOT NULL,
    ca_issuer_urls text[] NOT NULL,
    extensions text[] NOT NULL,         -- OIDs
    critical_extensions text[] NOT NULL,
    sct_count integer NOT NULL,         -- embedded
    must_staple boolean NOT NULL,
    is_precertificate boolean NOT NULL,
    is_self_issued boolean NOT NULL,
    is_self_signed boolean NOT NULL     -- self-issued, and the signature verifies with its own key
);
-- By hash: a serial number is as long as its certificate makes it, and a row of a btree is not.
CREATE INDEX certificate_facts_serial ON certificate_facts USING hash (serial_number);
CREATE INDEX certificate_facts_spki ON certificate_facts (spki_sha256);
CREATE INDEX certificate_facts_not_after ON certificate_facts (not_after);

-- Every name in a certificate: bytes as they are, and a text fit for people.
CREATE TABLE certificate_name (
    certificate bigint NOT NULL REFERENCES certificate (id),
    ordinal integer NOT NULL,           -- SANs in order, then the common names
    kind text COLLATE "C" NOT NULL,     -- dns, ip, email, uri, directory, other, common_name
    name text COLLATE "C" NOT NULL,
    bytes bytea NOT NULL,
    address inet,
    PRIMARY KEY (certificate, ordinal)
);
CREATE INDEX certificate_name_name ON certificate_name (md5(name));      -- a name may be longer than an index row

-- Does the certificate speak for this host name (RFC 6125; the rules of OpenSSL's X509_check_host: dNSNames, the
-- common names only where there is none, a wildcard as the whole first label of at least three)?
CREATE FUNCTION certificate_matches_name(dns_names text[], common_names text[], host text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM unnest(CASE WHEN dns_names = '{}' THEN common_names ELSE dns_names END) AS pattern
        WHERE lower(pattern) = lower(host)
           OR (pattern LIKE '*.%.%' AND position('.' IN host) > 1
               AND lower(substr(pattern, 2)) = lower(substr(host, position('.' IN host)))))
$$;
