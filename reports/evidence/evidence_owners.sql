-- The rules for owners that judged, as their file was. $1 is not used
SELECT string_agg(text, E'\n' ORDER BY line) FROM owner_rule WHERE import = (SELECT id FROM owner_import_judged) AND ($1::text IS NULL OR true)
