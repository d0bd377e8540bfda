-- Which rule decides for this place or name, and who is the owner? $1 site, $2 address, $3 name, $4 issuer; NULL: not known
SELECT r.owner, array_to_string(r.contacts, E'\n') AS contacts, r.environment, i.file || ':' || coalesce(r.source_line, r.line) AS told_in,
       r.text AS rule
FROM owner_rule_current r JOIN owner_import i ON i.id = r.import
WHERE (r.site IS NULL OR r.site = $1)
  AND (r.first_address IS NULL OR ($2::inet >= r.first_address AND $2::inet <= r.last_address
                                   AND family($2::inet) = family(r.first_address)))
  AND (r.name_suffix IS NULL OR lower($3) = r.name_suffix
       OR right(lower($3), length(r.name_suffix) + 1) = '.' || r.name_suffix)
  AND (r.issuer_like IS NULL OR $4 ILIKE r.issuer_like)
ORDER BY r.line
LIMIT 1
