-- What follows from the list of owners? $1 filter, $2 and $3 certificates and endpoints that can be wanted, or NULL. Column: a command: the
-- list of what has no owner, or the owners' letters.
SELECT CASE WHEN EXISTS (SELECT FROM owner_count WHERE owner IS NULL AND certificates > 0) THEN 'certsweep report certificates --owner none'
            ELSE 'certsweep report discovery --split owner' || coalesce(' --site ' || shell_word($1::jsonb->>'site'), '') || ' -o letters' END
WHERE num_nulls($2::bigint[], $3::bigint[]) >= 0
