-- Does this database know the time zone $1? Column: known
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1) AS known
