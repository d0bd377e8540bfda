-- Is the schema there, as far as that shows without its tables? Columns: the schema's own table exists; a role has no rights yet.
SELECT to_regclass('certsweep.schema_object') IS NOT NULL,
       EXISTS (SELECT FROM unnest('{certsweep_loader,certsweep_reader}'::text[]) r (name)
               WHERE CASE WHEN to_regrole(r.name) IS NULL OR to_regnamespace('certsweep') IS NULL THEN false
                          ELSE NOT has_schema_privilege(to_regrole(r.name), 'certsweep', 'USAGE') END)
