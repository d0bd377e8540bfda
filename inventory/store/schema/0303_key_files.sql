-- Whose each file is in which a private key lies that all may read (K21): its finding is theirs, who must close the file. The certificate stays with
-- its own owners. Kept by runs, as file_judged is.
CREATE TABLE key_judged (
    place bigint NOT NULL,
    certificate bigint NOT NULL,
    site bigint NOT NULL,
    owner_basis bigint,
    PRIMARY KEY (place, certificate)
);
CREATE INDEX key_judged_certificate ON key_judged (certificate);
CREATE INDEX key_judged_owner ON key_judged (owner_basis);
