-- Updates the stores of the policy in force, and the store of roots from the managed set. Roots are few, so each is looked up: that costs
-- the same whatever the number of certificates and records.
CREATE TEMP TABLE store_wanted ON COMMIT DROP AS
SELECT DISTINCT s ->> 'name' AS name, CASE s ->> 'kind' WHEN 'public' THEN 'public' ELSE 'private' END AS kind, c.id AS certificate,
       s ->> 'platform' AS platform, s ->> 'from_version' AS from_version, (s ->> 'issued_until')::timestamptz AS issued_until,
       (s ->> 'sct_until')::timestamptz AS sct_until
FROM policy_current p, jsonb_array_elements(coalesce(p.document -> 'trust_stores', '[]')) s,
     jsonb_array_elements_text(s -> 'certificates') hash
CROSS JOIN LATERAL (SELECT c.id FROM certificate c WHERE c.sha256 = decode(hash, 'hex') OFFSET 0) c
UNION
SELECT 'managed', 'private', a.certificate, NULL, NULL, NULL, NULL
FROM authority_certificate a
CROSS JOIN LATERAL (SELECT c.sha256 FROM certificate c WHERE c.id = a.certificate OFFSET 0) c
WHERE a.is_ca AND a.is_self_issued AND EXISTS (SELECT FROM managed_record r WHERE r.sha256 = c.sha256 AND r.valid_to IS NULL OFFSET 0);

INSERT INTO trust_store AS t (name, kind, platform, from_version, issued_until, sct_until)
SELECT DISTINCT name, kind, platform, from_version, issued_until, sct_until FROM store_wanted
ON CONFLICT (name) DO UPDATE
SET kind = excluded.kind, platform = excluded.platform, from_version = excluded.from_version, issued_until = excluded.issued_until,
    sct_until = excluded.sct_until
WHERE (t.kind, t.platform, t.from_version, t.issued_until, t.sct_until)
      IS DISTINCT FROM (excluded.kind, excluded.platform, excluded.from_version, excluded.issued_until, excluded.sct_until);

WITH gone AS (
    DELETE FROM store_root r USING trust_store s
    WHERE s.id = r.store AND s.sha256 IS NULL          -- not the machine's own
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
