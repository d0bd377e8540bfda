-- The rules for owners that judged, as their file was: its heading, then each of its lines once. $1 is not used
SELECT string_agg(t.text, E'\n' ORDER BY t.line)
FROM (SELECT 0::bigint AS line, i.heading AS text FROM owner_import i WHERE i.id = (SELECT id FROM owner_import_judged) AND i.heading IS NOT NULL
      UNION ALL
      SELECT min(r.line), r.text FROM owner_rule r WHERE r.import = (SELECT id FROM owner_import_judged)
      GROUP BY coalesce(r.source_line, r.line), r.text) t
WHERE $1::text IS NULL OR true
HAVING count(*) FILTER (WHERE t.line > 0) > 0
