-- Creates the temporary tables from which results are merged; dropped with the transaction.
CREATE TEMP TABLE keys_finding (modulus_sha256 bytea NOT NULL, weakness text NOT NULL, evidence jsonb NOT NULL, prime_sha256 bytea)
    ON COMMIT DROP;
CREATE TEMP TABLE keys_tested (modulus_sha256 bytea NOT NULL, is_prime_tested boolean NOT NULL, is_excluded boolean NOT NULL,
    is_compared boolean NOT NULL) ON COMMIT DROP;
