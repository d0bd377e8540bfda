-- Which certificates have weak keys or signatures, and which are served with weak versions or suites? $1 site or NULL, $2
-- rows or NULL. Rules: K keys, C01 and C02 signatures, P versions, S suites.
SELECT * FROM finding_rows($1, $2::bigint, true)
