-- Plan, scope and account of every run that the document tells of, as JSON. $1 site or NULL
SELECT jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object(
           'run', s.scan_id, 'site', st.name, 'kind', (ARRAY['scan', 'capture', 'files', 'import'])[s.kind], 'started_at', s.started_at,
           'last_at', s.last_at, 'finished_at', s.finished_at, 'plan', s.plan, 'space', s.space, 'space_size', s.space_size,
           'permutation_key', encode(s.permutation_key, 'hex'),
           'outcomes', (SELECT jsonb_object_agg(oc.name, o.count) FROM scan_outcome o JOIN outcome oc ON oc.id = o.outcome WHERE o.scan = s.id))
       ORDER BY s.started_at, s.id), '[]'))
FROM scan s JOIN site st ON st.id = s.site CROSS JOIN report_until u
WHERE s.started_at <= u.until AND ($1::text IS NULL OR st.name = $1)
