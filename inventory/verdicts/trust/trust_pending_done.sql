-- Takes those behind $1 up to $2 off the list of certificates that wait.
DELETE FROM trust_pending WHERE certificate > $1::bigint AND certificate <= $2::bigint
