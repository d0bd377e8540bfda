-- The rules for owners that judged, one a row in their order, with the headings that `certsweep owners import` reads; a row of the file with several
-- ranges or suffixes is several rules. Where the owner that a managed record names goes ahead of some of them, a row says so, as such a file does
-- (owner "@record").
SELECT x.line, x.site, x.prefix, x.name_suffix, x.issuer, x.host, x.path, x.owner, x.contacts, x.manager, x.environment, x.text
FROM (SELECT r.line AS rank, 1 AS part, coalesce(r.source_line, r.line) AS line, r.site,
             CASE WHEN r.first_address = r.last_address THEN host(r.first_address)
                  WHEN host(network(whole.net)) = host(r.first_address) AND host(broadcast(whole.net)) = host(r.last_address) THEN text(whole.net)
                  ELSE host(r.first_address) || '-' || host(r.last_address) END AS prefix,
             r.name_suffix,
             -- a pattern of LIKE as one with * and ?; "\%" and "\_" are the signs themselves
             translate(translate(replace(replace(replace(r.issuer_like, '\\', E'\x01'), '\%', E'\x02'), '\_', E'\x03'), '%_', '*?'),
                       E'\x01\x02\x03', '\%_') AS issuer,
             r.host_suffix AS host, CASE r.path_prefix WHEN '' THEN '/' ELSE r.path_prefix END AS path, r.owner,
             array_to_string(r.contacts, E'\n') AS contacts, array_to_string(r.manager_contacts, E'\n') AS manager, r.environment, r.text
      FROM owner_rule r CROSS JOIN LATERAL (SELECT inet_merge(r.first_address, r.last_address) AS net) whole
      WHERE r.import = (SELECT id FROM owner_import_judged)
      UNION ALL
      SELECT i.record_rank, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '@record', NULL, NULL, NULL, NULL
      FROM owner_import_judged i WHERE i.record_rank IS NOT NULL) x
ORDER BY x.rank, x.part
