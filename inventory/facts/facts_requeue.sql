-- Certificates whose facts are of another version than $1 wait for facts again.
INSERT INTO facts_pending
SELECT certificate FROM certificate_own WHERE facts_version < $1::integer
UNION ALL
SELECT certificate FROM certificate_own WHERE facts_version > $1::integer
