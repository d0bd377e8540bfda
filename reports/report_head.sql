-- What the head of a page says of the inventory. $1 filter. Columns: the scope, where no site narrows it; the filter as options of the command
-- (NULL: none); the policy that the verdicts are of; the argument and options that a command for the same rows has.
SELECT CASE (SELECT count(*) FROM site) WHEN 0 THEN 'no site yet' WHEN 1 THEN (SELECT 'site ' || name FROM site) ELSE (SELECT 'all ' || count(*) || ' sites' FROM site) END,
       (SELECT btrim(string_agg(option, '' ORDER BY key)) FROM filter_options($1::jsonb - '{site,argument,brief}'::text[])),
       coalesce((SELECT name || ' of ' || to_char(loaded_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY') FROM policy_judged), 'built-in'),
       coalesce(' ' || shell_word($1::jsonb->>'argument'), '') || options_kept($1::jsonb)
