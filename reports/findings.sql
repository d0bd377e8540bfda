-- Every finding of every rule that is true now, gravest first. $1 site or NULL, $2 rows or NULL.
SELECT * FROM finding_rows($1, $2::bigint, false)
