-- Queues the certificates whose facts have another version than $1.
INSERT INTO facts_pending
SELECT certificate FROM certificate_own WHERE facts_version < $1::integer
UNION ALL
SELECT certificate FROM certificate_own WHERE facts_version > $1::integer
