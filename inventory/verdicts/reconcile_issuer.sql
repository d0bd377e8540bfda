-- Axis issuer, in this order: self-signed (verified), own, approved (predicates over names at the issue date), foreign
-- (a path to a public root), private (a path to another known root), unknown. Without an own CA only self-signed is
-- judged: whether a public CA is foreign depends on which CAs are our own.
INSERT INTO judged (axis, rule, rule_version, certificate, value, evidence)
SELECT 'issuer',
       CASE WHEN f.is_self_signed THEN 'I-self-signed' WHEN NOT j.has_own THEN 'I-none'
            WHEN p.kind IS NOT NULL THEN 'I-' || p.kind WHEN t.store = 'public' THEN 'I-public-path'
            WHEN t.store IS NOT NULL THEN 'I-known-path' ELSE 'I-no-path' END,
       1, l.certificate,
       CASE WHEN f.is_self_signed THEN 'self-signed' WHEN NOT j.has_own THEN 'not judged'
            WHEN p.kind IS NOT NULL THEN p.kind WHEN t.store = 'public' THEN 'foreign'
            WHEN t.store IS NOT NULL THEN 'private' ELSE 'unknown' END,
       jsonb_strip_nulls(CASE
           WHEN f.is_self_signed THEN jsonb_build_object('reason', 'its signature verifies with its own key')
           WHEN NOT j.has_own THEN jsonb_build_object('reason', 'the policy names no own CA',
               'next_command', 'certsweep policy use FILE (with an [own ca: NAME] section)', 'issuer', f.issuer)
           WHEN p.kind IS NOT NULL THEN jsonb_build_object('predicate', p.name, 'issuer', f.issuer)
           ELSE jsonb_build_object('issuer', f.issuer, 'store', t.store,
               'path_not_after', t.not_after, 'root_sha256', encode(t.path[array_length(t.path, 1)], 'hex')) END)
FROM judging j, leaf l
JOIN certificate_facts f USING (certificate)
LEFT JOIN LATERAL (
    SELECT r.kind, r.name FROM issuer_rule r
    WHERE (r.valid_from IS NULL OR f.not_before >= r.valid_from)
      AND (r.valid_to IS NULL OR f.not_before < r.valid_to)
      AND NOT EXISTS (SELECT FROM unnest(r.issuer_attributes) g
                      WHERE NOT EXISTS (SELECT FROM unnest(f.issuer_attributes) a WHERE a ILIKE g))
      AND NOT EXISTS (SELECT FROM unnest(r.subject_attributes) g
                      WHERE NOT EXISTS (SELECT FROM unnest(f.subject_attributes) a WHERE a ILIKE g))
    ORDER BY r.kind = 'own' DESC, r.name LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT t.store, t.not_after, t.path FROM trust t
    WHERE t.certificate = l.certificate AND t.found
    ORDER BY t.store = 'public' DESC LIMIT 1) t ON true
