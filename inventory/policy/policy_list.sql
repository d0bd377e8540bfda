-- Which policies are known, and which is in use?
SELECT p.name, left(encode(p.sha256, 'hex'), 12) AS version, p.loaded_at::timestamptz(0) AS loaded_at,
       CASE WHEN p.id = (SELECT id FROM policy_current) THEN 'in use' ELSE '' END AS state,
       jsonb_array_length(p.document->'own_cas') AS own_cas, jsonb_array_length(p.document->'approved_cas') AS approved_cas
FROM policy p ORDER BY p.loaded_at
