-- Owners of what lies in files: rules by host and path, and whose each certificate in a file is.

ALTER TABLE owner_rule
    ADD COLUMN host_suffix text COLLATE "C",        -- of a file's host: lower case; the name itself and what ends in "." || it
    ADD COLUMN path_prefix text COLLATE "C";        -- of a file's path: itself and what lies below; no slash at its end
CREATE OR REPLACE VIEW owner_rule_current AS
    SELECT * FROM owner_rule WHERE import = (SELECT max(id) FROM owner_import);

-- Each certificate in each file where it counts (file_state.counts), one row each, kept by reconcile as endpoint_judged is.
CREATE TABLE file_judged (
    place bigint NOT NULL,
    certificate bigint NOT NULL,
    site bigint NOT NULL,
    owner_basis bigint,
    PRIMARY KEY (place, certificate)
);
CREATE INDEX file_judged_certificate ON file_judged (certificate);
CREATE INDEX file_judged_owner ON file_judged (owner_basis);

-- What has changed since a day.
CREATE INDEX file_span_from ON file_span (from_at);
