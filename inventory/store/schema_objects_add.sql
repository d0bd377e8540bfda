-- Records what file $1 has created since schema_objects_before.sql.
INSERT INTO schema_object (file, kind, identity)
SELECT $1::integer, kind, identity
FROM (SELECT oid, CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'INDEX' END AS kind, format('certsweep.%I', relname) AS identity
      FROM pg_class WHERE relnamespace = 'certsweep'::regnamespace AND relkind IN ('v', 'i')
        AND oid NOT IN (SELECT id FROM schema_before WHERE class = 'pg_class'::regclass)
      UNION ALL
      SELECT oid, 'FUNCTION', format('certsweep.%I(%s)', proname, pg_get_function_identity_arguments(oid))
      FROM pg_proc WHERE pronamespace = 'certsweep'::regnamespace
        AND oid NOT IN (SELECT id FROM schema_before WHERE class = 'pg_proc'::regclass)) made
ORDER BY oid
