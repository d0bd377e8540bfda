-- title: The certificate does not speak for the name it was asked by
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 9525, 6; SSL Labs rating guide 2009k (M)
-- next step: Serve a certificate that holds this name, or take the name off this server.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT 'H09', d.certificate, d.endpoint, 'high',
       jsonb_build_object('server_name', e.server_name, 'names', to_jsonb(f.name_set), 'common_name', f.common_name)
FROM place d
JOIN endpoint e ON e.id = d.endpoint AND e.server_name <> ''
JOIN certificate_facts f USING (certificate)
WHERE NOT e.server_name = ANY (f.dns_names)
  AND NOT certificate_matches_name(f.dns_names, ARRAY[coalesce(f.common_name, '')], e.server_name)
