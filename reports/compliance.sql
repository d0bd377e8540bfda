-- How does each clause of the policy in force stand? $1 filter ("pack": only clauses of this one; the others narrow what it is judged on), $2
-- rows or NULL, $3 and $4 column to sort by, up and down. In the order of the pack. What was not asked everywhere is not tested, never passed.
WITH option AS MATERIALIZED (
    SELECT options_kept($1::jsonb - '{pack,rule}'::text[]) AS text
)
SELECT * FROM (
SELECT c.pack, c.clause, c.title AS requirement, c.status AS result, c.failing AS failing_count, c.subjects AS subject_count, c.counted,
       array_to_string(c.rules, E'\n') AS findings, c.reason AS because,
       CASE WHEN c.failing > 0 THEN 'certsweep report findings --rule '
            || CASE WHEN $1::jsonb ? 'rule' THEN (SELECT string_agg(r, ',') FROM unnest(c.rules) r WHERE $1::jsonb->'rule' ? r OR $1::jsonb->'rule' ? lower(r))
                    ELSE array_to_string(c.rules, ',') END || (SELECT text FROM option) END AS command, c.source, c.ordinal
FROM clauses_judged($1::jsonb - 'pack') c
WHERE $1::jsonb->>'pack' IS NULL OR lower(c.pack) = lower($1::jsonb->>'pack')
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, pack, ordinal, clause LIMIT $2::bigint
