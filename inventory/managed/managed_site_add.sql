-- The site of an import's places. $1 name
INSERT INTO site (name) VALUES ($1) ON CONFLICT DO NOTHING
