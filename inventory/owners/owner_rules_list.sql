-- The rules in force, in their order.
SELECT coalesce(r.source_line, r.line) AS line, r.site,
       CASE WHEN r.first_address = r.last_address THEN host(r.first_address)
            ELSE host(r.first_address) || '-' || host(r.last_address) END AS addresses,
       r.name_suffix, r.issuer_like, r.host_suffix AS host, r.path_prefix AS path, r.owner, array_to_string(r.contacts, E'\n') AS contacts, r.environment
FROM owner_rule_current r ORDER BY r.line
