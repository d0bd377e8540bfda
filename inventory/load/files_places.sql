INSERT INTO file_place (site, host, path, inside, key)
SELECT DISTINCT ON (key) site, host, path, inside, key FROM in_file ORDER BY key
ON CONFLICT (key) DO NOTHING
