-- All open notices of a contact: $1 contact, $2 the state that they have, $3 the one that they get, $4 trouble or NULL
UPDATE notice SET state = $3, tried_at = clock_timestamp(), attempts = attempts + CASE WHEN $3 = 'sending' THEN 1 ELSE 0 END, trouble = $4
WHERE contact = $1 AND (state = $2 OR ($2 = 'open' AND state IN ('waiting', 'failed')))
