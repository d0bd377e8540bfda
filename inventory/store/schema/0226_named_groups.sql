-- Named groups of TLS by number; reconcile writes them from the tables of probes/tls, as it does cipher suites.
CREATE TABLE named_group (
    id integer PRIMARY KEY,             -- IANA
    name text COLLATE "C" NOT NULL
);
