-- The rules for owners, as their file was. $1 is not used
SELECT string_agg(text, E'\n' ORDER BY line) FROM owner_rule_current WHERE $1::text IS NULL OR true
