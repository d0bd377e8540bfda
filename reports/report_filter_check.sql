-- Which words of a filter ($1) does the inventory not know? Columns: the option, the word, those that exist (30 at
-- most, those that begin like it first; NULL: none), and a line each of those that may be meant (200 at most).
-- An owner to whom something belongs is found by an index: there may be as many as managed records. Those of earlier rules, to whom nothing
-- belongs any more, are unknown. A day of 'since' that is still to come is wrong: until when is told instead. Several owners together ("shared by
-- A; B", "B; A") are no owner: the option is 'owners' then, and those that exist are they.
WITH theirs AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM owners_present(ARRAY[$1::jsonb->>'owner']))
           OR $1::jsonb->>'owner' = '' AS is_known
), named AS MATERIALIZED (              -- in whatever order they are named
    SELECT owners_named($1::jsonb->>'owner') AS names WHERE NOT (SELECT is_known FROM theirs) AND strpos($1::jsonb->>'owner', ';') > 0
), set AS MATERIALIZED (
    SELECT string_agg(DISTINCT m.owner, ', ' ORDER BY m.owner) AS owners
    FROM named n JOIN owner_basis b ON is_of_several(b.evidence) AND owners_named(b.owner) = n.names
    CROSS JOIN LATERAL unnest(b.members[:30]) m (owner)
), each AS MATERIALIZED (               -- who share nothing, and each is known
    SELECT string_agg(o.owner, ', ' ORDER BY o.owner) AS owners
    FROM named n CROSS JOIN LATERAL unnest(n.names) one (name)
    LEFT JOIN LATERAL (SELECT k.owner FROM owner_known k WHERE k.key IN (SELECT p.owner FROM owners_present(ARRAY[one.name]) p)
                       UNION ALL SELECT r.owner FROM owner_rule_current r WHERE lower(r.owner) = one.name LIMIT 1) o ON true
    WHERE cardinality(n.names) BETWEEN 2 AND 30
    HAVING count(o.owner) = count(*)
), asked (option, word) AS (
    SELECT key, value FROM jsonb_each_text($1::jsonb - '{rule,severity}'::text[])
    WHERE key IN ('site', 'source', 'kind', 'pack', 'record', 'issuer-class', 'status', 'deployment', 'decision')
       OR (key = 'owner' AND NOT (SELECT is_known FROM theirs))
    UNION ALL SELECT 'rule', upper(jsonb_array_elements_text($1::jsonb -> 'rule'))
    UNION ALL SELECT 'severity', jsonb_array_elements_text($1::jsonb -> 'severity')
), late AS MATERIALIZED (               -- nothing can have happened since then, as far as is told
    SELECT moment_text(least(u.until, now())) AS until FROM report_until u
    WHERE $1::jsonb->>'since' <> 'last' AND ($1::jsonb->>'since')::timestamptz > least(u.until, now())
), known (option, word) AS (
    SELECT 'site', name FROM site
    UNION ALL SELECT 'owner', o.owner
              FROM (SELECT owner FROM owner_count WHERE owner IS NOT NULL UNION SELECT owner FROM owner_rule_current) o
              WHERE $1::jsonb ? 'owner' AND NOT (SELECT is_known FROM theirs)
    UNION ALL SELECT 'owner', 'none'
    UNION ALL SELECT 'source', name FROM managed_source
    UNION ALL SELECT DISTINCT 'pack', pack FROM policy_clause
    UNION ALL SELECT 'rule', id FROM rule
    UNION ALL SELECT 'severity', name FROM severity
    UNION ALL SELECT 'kind', unnest('{ca,server,client,smime,code_signing,ocsp,time_stamping,unknown}'::text[])
    UNION ALL SELECT 'record', unnest('{managed,unmanaged,accepted,ignored,not judged}'::text[])
    UNION ALL SELECT 'issuer-class', unnest('{self-signed,own,approved,foreign,private,unknown,not judged}'::text[])
    UNION ALL SELECT 'status', unnest('{not yet,ok,renewal due,expiring,expired,too long,unknown,replaced}'::text[])
    UNION ALL SELECT 'deployment', unnest('{as recorded,other known,unknown here,not located,superseded but served,revoked but served,not judged}'::text[])
    UNION ALL SELECT 'decision', unnest('{accept,ignore,link,adopt,mute}'::text[])
)
SELECT 'owners', $1::jsonb->>'owner', coalesce(s.owners, e.owners), NULL FROM (SELECT 1) one LEFT JOIN set s ON true LEFT JOIN each e ON true
WHERE coalesce(s.owners, e.owners) IS NOT NULL
UNION ALL
SELECT 'since', $1::jsonb->>'since', until, NULL FROM late
UNION ALL
(SELECT a.option, a.word,
       (SELECT string_agg(k.word, ', ' ORDER BY lower(left(k.word, 1)) <> lower(left(a.word, 1)), k.word)
               || CASE WHEN (SELECT count(*) FROM known c WHERE c.option = a.option) > 30 THEN ' ...' ELSE '' END
        FROM (SELECT word FROM known k WHERE k.option = a.option
                                                      ORDER BY lower(left(word, 1)) <> lower(left(a.word, 1)), word LIMIT 30) k),
       (SELECT string_agg(k.word, E'\n')
        FROM (SELECT word FROM known k WHERE k.option = a.option AND NOT (k.option = 'owner' AND k.word = 'none')     -- is like many short words, and means nobody
              ORDER BY position(lower(a.word) IN lower(word)) = 0, lower(left(word, 1)) <> lower(left(a.word, 1)), abs(length(word) - length(a.word)), word
              LIMIT 200) k)
FROM asked a
WHERE a.option = 'owner' OR NOT EXISTS (SELECT FROM known k WHERE k.option = a.option       -- "none" is listed, and no owner
                  AND CASE WHEN a.option IN ('kind', 'pack') THEN lower(k.word) = lower(a.word) ELSE k.word = a.word END)
ORDER BY a.option, a.word
LIMIT 1)
LIMIT 1
