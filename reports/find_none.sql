-- What to try where nothing was found by a text that may be a part of a name: the same with * around it, if that finds something. $1 filter
-- ("argument"); $2 and $3 are not asked for. Column: a command, or NULL: the text is an address, a number or a pattern already, or no part of any name.
SELECT 'certsweep find ' || shell_word(p.pattern) || options_kept($1::jsonb)
FROM (SELECT '*' || btrim($1::jsonb->>'argument', ' .') || '*' AS pattern) p
WHERE $1::jsonb->>'argument' !~ '[*?:/]' AND $1::jsonb->>'argument' ~* '[a-z]'
  AND CASE WHEN $1::jsonb - 'argument' = '{}' THEN EXISTS (SELECT FROM named_certificates(p.pattern))
           ELSE EXISTS (SELECT FROM certificates_among($1::jsonb - 'argument', ARRAY(SELECT certificate FROM named_certificates(p.pattern)))) END
  AND ($2::bigint[] IS NULL OR $3::bigint[] IS NULL OR true)
