-- The sites that the inventory knows, in the order of their names.
SELECT name FROM site ORDER BY name
