-- The sites of an import's places. $1 the import's own, or NULL. Columns: how many of them are new, and their names.
WITH made AS (
    INSERT INTO site (name)
    SELECT n.name FROM (SELECT $1::text AS name UNION SELECT site FROM managed_new) n LEFT JOIN site s USING (name)
    WHERE n.name IS NOT NULL AND s.name IS NULL
    ON CONFLICT DO NOTHING
    RETURNING name)
SELECT count(*), left(coalesce(string_agg(name, ', ' ORDER BY name), ''), 300) FROM made
