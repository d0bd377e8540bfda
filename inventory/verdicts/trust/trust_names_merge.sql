-- Stores violations, and removes these pairs from the pending list.
INSERT INTO name_violation SELECT certificate, ca, name FROM name_new WHERE name IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO dirty SELECT DISTINCT 1, certificate FROM name_new WHERE name IS NOT NULL;
DELETE FROM name_pending p USING name_new n WHERE p.certificate = n.certificate AND p.ca = n.ca;
