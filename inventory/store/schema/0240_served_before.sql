-- Since when leaves were served whose answers `db prune` forgot: a certificate that was served once is never "never served".
CREATE TABLE served_before (
    certificate bigint PRIMARY KEY,
    first_seen timestamptz NOT NULL
);
