-- Which line of the rule book decides for each place that was asked about, and who is the owner? Places without an owner are left out.
SELECT q.name, q.site, host(q.address) AS place, r.owner, array_to_string(r.contacts, E'\n') AS contacts, r.environment, r.evidence AS because
FROM owner_asked q JOIN owner_at_place a ON a.endpoint = q.id JOIN owner_rule_now r USING (line)
ORDER BY q.id
