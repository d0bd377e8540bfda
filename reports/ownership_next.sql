-- What follows from the list of owners? $1 filter, $2 and $3 certificates and endpoints that can be wanted, or NULL. Column: a command: the
-- list of one owner, of what has no owner, or the owners' letters.
WITH option AS (
    SELECT options_kept($1::jsonb) AS text
)
SELECT CASE WHEN $1::jsonb ? 'owner' THEN 'certsweep report certificates' || o.text
            WHEN EXISTS (SELECT FROM owner_count WHERE owner IS NULL AND certificates > 0) THEN 'certsweep report certificates --owner none' || o.text
            ELSE 'certsweep report discovery --split owner' || coalesce(' --site ' || shell_word($1::jsonb->>'site'), '') || ' -o letters' END
FROM option o
WHERE num_nulls($2::bigint[], $3::bigint[]) >= 0
