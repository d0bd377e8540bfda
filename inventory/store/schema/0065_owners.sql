-- Who is responsible for a place or a name. The latest import is the rule book; its first matching line decides.

CREATE TABLE owner_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    rule_count bigint NOT NULL,
    record_rank bigint                  -- a managed record's owner goes before the rules from this rank on; NULL: after all
);

CREATE TABLE owner_rule (
    import bigint NOT NULL REFERENCES owner_import (id),
    line bigint NOT NULL,               -- its rank: the first that matches decides
    source_line bigint,                 -- in the file, where that is another
    site text COLLATE "C",              -- NULL matches any, as in the next three
    first_address inet,
    last_address inet,
    name_suffix text COLLATE "C",       -- lower case, no leading dot: the name itself and what ends in "." || it
    issuer_like text COLLATE "C",       -- a pattern of ILIKE over the issuer's RFC 4514 text
    owner text NOT NULL,
    contacts text[] NOT NULL,
    manager_contacts text[] NOT NULL DEFAULT '{}',      -- who gets a notice of what stays overdue
    environment text,
    text text NOT NULL,                 -- the line as it stands in the file
    PRIMARY KEY (import, line)
);

CREATE VIEW owner_rule_current AS
    SELECT * FROM owner_rule WHERE import = (SELECT max(id) FROM owner_import);
