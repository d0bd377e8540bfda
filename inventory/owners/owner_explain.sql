-- Which line of the rule book decides for each place that was asked about, and who is the owner? Places without an owner are left out.
SELECT q.name, q.site, coalesce(file_place_text(q.host, q.path, ''), host(q.address)) AS place, r.owner,
       array_to_string(r.contacts, E'\n') AS contacts, r.environment, r.evidence AS because
FROM owner_asked q
JOIN (SELECT endpoint AS id, line FROM owner_at_place UNION ALL SELECT place, line FROM owner_at_file) a USING (id)
JOIN owner_rule_now r USING (line)
ORDER BY q.id
