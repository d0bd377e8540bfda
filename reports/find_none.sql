-- What to try where nothing was found by a text that may be a part of a name: the same with * around it. $1 filter ("argument"); $2 and $3 are
-- not asked for. Column: a command, or NULL: the text is an address, a number or a pattern already.
SELECT 'certsweep find ' || shell_word('*' || btrim($1::jsonb->>'argument', ' .') || '*') || options_kept($1::jsonb)
WHERE $1::jsonb->>'argument' !~ '[*?:/]' AND $1::jsonb->>'argument' ~* '[a-z]' AND ($2::bigint[] IS NULL OR $3::bigint[] IS NULL OR true)
