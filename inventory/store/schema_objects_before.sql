-- Records which objects exist before a file of views and functions is applied.
DROP TABLE IF EXISTS pg_temp.schema_before;
CREATE TEMP TABLE schema_before ON COMMIT DROP AS
SELECT 'pg_class'::regclass::oid AS class, oid AS id FROM pg_class WHERE relnamespace = 'certsweep'::regnamespace
UNION ALL SELECT 'pg_proc'::regclass::oid, oid FROM pg_proc WHERE pronamespace = 'certsweep'::regnamespace
