-- A temporary table for the records of one import, as read; dropped with the transaction.
CREATE TEMPORARY TABLE managed_new (
    key bytea NOT NULL,
    sha256 bytea,
    spki_sha256 bytea,
    der bytea,
    serial_number text COLLATE "C",
    subject text COLLATE "C",
    subject_folded text COLLATE "C",
    common_name text COLLATE "C",
    issuer text COLLATE "C",
    issuer_folded text COLLATE "C",
    name_set text[] NOT NULL,
    not_before timestamptz,
    not_after timestamptz,
    location text COLLATE "C",
    owner text COLLATE "C",
    contacts text[] NOT NULL,
    environment text COLLATE "C",
    file text COLLATE "C" NOT NULL,
    line bigint NOT NULL,
    ordinal bigint NOT NULL             -- in the order of reading
) ON COMMIT DROP;

CREATE TEMPORARY TABLE managed_new_location (
    ordinal bigint NOT NULL,
    address inet,
    name text COLLATE "C",
    port integer
) ON COMMIT DROP
