-- The sites of an import's places. $1 the import's own, or NULL
INSERT INTO site (name)
SELECT n.name FROM (SELECT $1::text AS name UNION SELECT site FROM managed_new) n LEFT JOIN site s USING (name)
WHERE n.name IS NOT NULL AND s.name IS NULL
ON CONFLICT DO NOTHING
