-- What follows from a list of owners that has some? $1 filter, $2 and $3 certificates and endpoints that can be wanted, or NULL. Column: a command: the
-- list of one owner, of what has no owner, or the owners' letters. NULL: what follows from any list.
SELECT CASE WHEN $1::jsonb ? 'owner' THEN 'certsweep report certificates' || o.text
            WHEN CASE WHEN $1::jsonb = '{}' THEN EXISTS (SELECT FROM owner_count WHERE owner IS NULL AND certificates > 0)
                      ELSE EXISTS (SELECT FROM certificates_wanted($1::jsonb || '{"owner": ""}', $2::bigint[]) n WHERE n.is_leaf) END
            THEN 'certsweep report certificates --owner none' || o.text
            WHEN $1::jsonb - 'site' = '{}' THEN 'certsweep report discovery --split owner' || coalesce(' --site ' || shell_word($1::jsonb->>'site'), '') || ' -o letters' END
FROM (SELECT options_kept($1::jsonb) AS text) o
WHERE $3::bigint[] IS NULL OR true
