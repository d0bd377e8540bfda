-- Closed sets of values as tables, so that reports show names. The numbers are those of probes/base/outcome.h and
-- observation.h; they are never changed or reused.

CREATE TABLE outcome (
    id smallint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    is_answer boolean NOT NULL,         -- the attempt is an observation; otherwise it is quiet
    -- Does this answer prove that the endpoint no longer serves a certificate? Yes if the host answered and sent none;
    -- a timeout, an unreachable host and bytes that we could not decode prove nothing.
    is_absence boolean NOT NULL
);
INSERT INTO outcome VALUES
    (1, 'certificate', true, false),
    (2, 'no_certificate', true, true),
    (3, 'hidden', true, false),
    (4, 'incomplete', true, false),
    (5, 'tls_alert', true, true),
    (6, 'tls_error', true, false),
    (7, 'not_tls', true, true),
    (8, 'starttls_refused', true, true),
    (9, 'too_large', true, false),
    (10, 'refused', false, true),
    (11, 'unreachable', false, false),
    (12, 'timeout_connect', false, false),
    (13, 'timeout_handshake', true, false),
    (14, 'reset', true, true),
    (15, 'closed', true, true),
    (16, 'dns_failed', false, false),
    (17, 'excluded', false, false),
    (18, 'out_of_scope', false, false),
    (19, 'aborted', false, false);

CREATE TABLE variant (
    id smallint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO variant VALUES
    (1, 'default'), (2, 'tls12'), (3, 'rsa'), (4, 'ecdsa'), (5, 'eddsa'), (6, 'fallback'), (7, 'legacy'), (8, 'seen'),
    (9, 'pq');

CREATE TABLE method (
    id smallint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO method VALUES (1, 'active'), (2, 'passive'), (3, 'file'), (4, 'import');

CREATE TABLE role (
    id smallint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO role VALUES (1, 'server'), (2, 'client');

CREATE TABLE transport (
    id smallint PRIMARY KEY,            -- IANA protocol number
    name text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO transport VALUES (6, 'tcp'), (17, 'udp'), (132, 'sctp');
