-- Replaces the roots of the store $1, of kind $2; $3 is the hash over their hashes.
WITH root AS (
    SELECT DISTINCT sha256(der) AS sha256, der FROM root_new),
come AS (
    INSERT INTO certificate (sha256, der) SELECT sha256, der FROM root ON CONFLICT (sha256) DO NOTHING RETURNING id),
store AS (
    INSERT INTO trust_store (name, kind, sha256) VALUES ($1, $2, $3::bytea)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, sha256 = excluded.sha256 RETURNING id),
wanted AS (
    SELECT id FROM come UNION SELECT c.id FROM certificate c JOIN root USING (sha256)),
gone AS (
    DELETE FROM store_root r USING store s WHERE r.store = s.id AND r.certificate NOT IN (SELECT id FROM wanted)),
added AS (
    INSERT INTO store_root (store, certificate) SELECT s.id, w.id FROM store s, wanted w ON CONFLICT DO NOTHING)
UPDATE trust_state SET paths_are_old = true
