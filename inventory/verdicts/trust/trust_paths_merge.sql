-- Writes only paths that differ. Marks everything below a changed authority to be judged again.
CREATE TEMP TABLE path_changed ON COMMIT DROP AS
WITH gone AS (
    DELETE FROM ca_path p
    WHERE NOT EXISTS (SELECT FROM ca_path_new n
                      WHERE n.store = p.store AND n.certificates = p.certificates
                        AND (n.not_before, n.not_after, n.purposes, n.path_len, n.hash, n.security_bits, n.is_weak, n.constrained, n.fault)
                            IS NOT DISTINCT FROM
                            (p.not_before, p.not_after, p.purposes, p.path_len, p.hash, p.security_bits, p.is_weak, p.constrained, p.fault))
    RETURNING authority, ca)
SELECT authority, ca FROM gone;
WITH come AS (
    INSERT INTO ca_path (store, authority, ca, root, certificates, not_before, not_after, purposes, path_len, hash, security_bits, is_weak,
                         constrained, fault)
    SELECT * FROM ca_path_new n
    WHERE NOT EXISTS (SELECT FROM ca_path p WHERE p.store = n.store AND p.certificates = n.certificates)
    RETURNING authority, ca)
INSERT INTO path_changed SELECT authority, ca FROM come;
INSERT INTO dirty
SELECT 1, e.child FROM edge e WHERE e.authority IN (SELECT authority FROM path_changed)
UNION SELECT 1, ca FROM path_changed;
UPDATE authority a SET is_anchored = false
WHERE a.is_anchored AND NOT EXISTS (SELECT FROM ca_path p WHERE p.authority = a.id);
WITH anchored AS (
    UPDATE authority a SET is_anchored = true
    WHERE a.id IN (SELECT authority FROM ca_path) AND NOT a.is_anchored
    RETURNING a.name_key)
INSERT INTO authority_news SELECT DISTINCT name_key FROM anchored ON CONFLICT DO NOTHING;
WITH wanted AS (
    SELECT DISTINCT p.authority, u.ca FROM ca_path p, unnest(p.constrained) u (ca)),
noted AS (
    INSERT INTO name_check SELECT authority, ca FROM wanted ON CONFLICT DO NOTHING RETURNING authority, ca)
INSERT INTO name_pending
SELECT e.child, n.ca FROM noted n JOIN edge e ON e.authority = n.authority
ON CONFLICT DO NOTHING;
UPDATE trust_state SET paths_are_old = false;
