-- Which packs are there, which policies were used, and which is in use? $1 the packs as JSON (policy_packs_document)
SELECT name, state, title, source, version, loaded_at
FROM (SELECT p.name, CASE WHEN p.id = (SELECT id FROM policy_current) THEN 'in use' ELSE 'used before' END AS state,
             coalesce(p.document ->> 'title', '') AS title, coalesce(p.document ->> 'source', '') AS source,
             left(encode(p.sha256, 'hex'), 12) AS version, p.loaded_at::timestamptz(0) AS loaded_at
      FROM policy p
      UNION ALL
      SELECT k ->> 'name', 'pack', k ->> 'title', k ->> 'source', NULL, NULL
      FROM jsonb_array_elements($1::jsonb) k
      WHERE NOT EXISTS (SELECT FROM policy p WHERE p.name = k ->> 'name')) l
ORDER BY state = 'pack', loaded_at, name
