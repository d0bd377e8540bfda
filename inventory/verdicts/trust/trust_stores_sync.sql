-- Stores of the policy in force, and the roots of the managed set, as they are now.
CREATE TEMP TABLE store_wanted ON COMMIT DROP AS
SELECT DISTINCT s ->> 'name' AS name, CASE s ->> 'kind' WHEN 'public' THEN 'public' ELSE 'private' END AS kind, c.id AS certificate
FROM policy_current p, jsonb_array_elements(coalesce(p.document -> 'trust_stores', '[]')) s,
     jsonb_array_elements_text(s -> 'certificates') hash
JOIN certificate c ON c.sha256 = decode(hash, 'hex')
UNION
SELECT 'managed', 'private', a.certificate
FROM authority_certificate a
JOIN certificate c ON c.id = a.certificate
JOIN managed_record r ON r.sha256 = c.sha256
WHERE a.is_ca AND a.is_self_issued AND r.valid_to IS NULL;

INSERT INTO trust_store (name, kind) SELECT name, max(kind) FROM store_wanted GROUP BY name
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind WHERE trust_store.kind <> excluded.kind;

WITH gone AS (
    DELETE FROM store_root r USING trust_store s
    WHERE s.id = r.store AND s.name <> 'system'
      AND NOT EXISTS (SELECT FROM store_wanted w WHERE w.name = s.name AND w.certificate = r.certificate)
    RETURNING r.store),
come AS (
    INSERT INTO store_root (store, certificate)
    SELECT s.id, w.certificate FROM store_wanted w JOIN trust_store s ON s.name = w.name COLLATE "C"
    WHERE NOT EXISTS (SELECT FROM store_root r WHERE r.store = s.id AND r.certificate = w.certificate)
    RETURNING store)
UPDATE trust_state SET paths_are_old = true
WHERE NOT paths_are_old AND (EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM come));

DELETE FROM trust_store s
WHERE s.name <> 'system' AND NOT EXISTS (SELECT FROM store_wanted w WHERE w.name = s.name)
  AND NOT EXISTS (SELECT FROM ca_path p WHERE p.store = s.id) AND NOT EXISTS (SELECT FROM store_root r WHERE r.store = s.id);
