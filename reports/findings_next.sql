-- What acts on the findings of a list? $1 filter, $2 and $3 certificates and endpoints that can be wanted, or NULL. Column: a command, one
-- that runs as it stands: the list of the worst rule among them, alone, but for what is over and served nowhere; of one rule the letters, by
-- which its owners learn of it. NULL: there is none.
WITH worst AS MATERIALIZED (
    SELECT f.rule FROM findings_wanted($1::jsonb - 'weak', $2::bigint[], $3::bigint[]) f
    WHERE (NOT $1::jsonb ? 'weak' OR (f.severity_rank < 5 AND (f.rule IN (SELECT id FROM rule WHERE is_weak_rule(id))) IS TRUE))
      AND (SELECT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) FROM certificate_now n    -- looked up until one is not
           WHERE n.certificate = f.certificate AND f.endpoint = 0) IS NOT TRUE
    ORDER BY f.severity_rank, f.rule LIMIT 1
), at AS (
    SELECT coalesce(' --site ' || shell_word($1::jsonb->>'site'), '') AS site
)
SELECT CASE WHEN jsonb_array_length($1::jsonb->'rule') IS DISTINCT FROM 1
            THEN 'certsweep report findings --rule ' || w.rule || options_kept($1::jsonb - 'rule')
            WHEN $1::jsonb->>'owner' <> '' THEN 'certsweep report discovery --owner ' || owner_word($1::jsonb->>'owner') || at.site || ' -o letter.html'
            ELSE 'certsweep report discovery --split owner' || at.site || ' -o letters' END
FROM at CROSS JOIN worst w
