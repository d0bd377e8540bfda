-- Axis issuer, in this order: self-signed (verified), own, approved (predicates over names at the issue date), foreign
-- (a path to a public root), private (a path to another known root), unknown. Without an own CA only self-signed is
-- judged: whether a public CA is foreign depends on which CAs are our own.
-- A certificate signed with MD5 or by a key below 1,024 bits is neither own nor approved: it could be forged.
-- Names prove nothing where a key can: if a CA certificate of the issuer's name is known, one with a path to a root or else any
-- of the inventory, its key must have signed. Only where none is known do names decide alone, and the step says so.
-- Each predicate is tested once per issuer; the subject is tested only if the predicate has a condition for it.
CREATE TEMP TABLE issuer_authority AS       -- CAs with the name of an issuer in scope; is_sure: one of their paths is valid
SELECT i.issuer_key, a.id AS authority, p.authority IS NOT NULL AS is_sure
FROM issuer i
JOIN edge e ON e.child = i.child
JOIN authority a ON a.name_key = e.issuer_name
LEFT JOIN (SELECT DISTINCT authority FROM ca_path WHERE fault IS NULL) p ON p.authority = a.id
WHERE p.authority IS NOT NULL OR EXISTS (SELECT FROM authority_certificate c WHERE c.authority = a.id AND c.is_ca);
ANALYZE issuer_authority;
CREATE TEMP TABLE issuer_key_known AS       -- the keys that count: the sure ones, or all if none is sure
SELECT issuer_key, bool_or(is_sure) AS is_sure FROM issuer_authority GROUP BY issuer_key;
ANALYZE issuer_key_known;

CREATE TEMP TABLE signed_known AS           -- leaves of these issuers, and whether a key that counts has signed them
SELECT k.certificate, k.is_vouched OR a.authority IS NOT NULL AS is_signed, k.is_untried
FROM known k
JOIN issuer_key_known s USING (issuer_key)
LEFT JOIN issuer_authority a ON a.issuer_key = k.issuer_key AND a.authority = k.authority AND a.is_sure = s.is_sure
WHERE k.has_axes AND k.is_untried IS NOT NULL;
ANALYZE signed_known;

ANALYZE issuer_rule;
CREATE TEMP TABLE issuer_claim AS           -- issuers whose name matches a predicate
SELECT i.issuer_key, r.*
FROM issuer i, issuer_rule r
WHERE NOT EXISTS (SELECT FROM unnest(r.issuer_attributes) g
                  WHERE NOT EXISTS (SELECT FROM unnest(i.issuer_attributes) a WHERE a ILIKE g));
ANALYZE issuer_claim;

CREATE TEMP TABLE issuer_match AS
SELECT DISTINCT ON (m.certificate) m.certificate, m.kind, m.name, coalesce(s.is_signed, false) AS is_signed,
       NOT coalesce(s.is_signed OR s.is_untried, true) AS is_misnamed      -- the keys of that name are known, and none has signed
FROM (
    SELECT k.certificate, p.kind, p.name
    FROM issuer_claim p JOIN known k USING (issuer_key)
    WHERE p.subject_attributes = '{}' AND k.has_axes AND NOT k.is_weakly_signed AND k.not_before IS NOT NULL
      AND (k.not_before < p.valid_from) IS NOT TRUE AND (k.not_before >= p.valid_to) IS NOT TRUE
    UNION ALL
    SELECT k.certificate, p.kind, p.name
    FROM issuer_claim p JOIN known k USING (issuer_key) JOIN certificate_own f ON f.certificate = k.certificate
    WHERE p.subject_attributes <> '{}' AND k.has_axes AND NOT k.is_weakly_signed AND k.not_before IS NOT NULL
      AND (k.not_before < p.valid_from) IS NOT TRUE AND (k.not_before >= p.valid_to) IS NOT TRUE
      AND NOT EXISTS (SELECT FROM unnest(p.subject_attributes) g
                      WHERE NOT EXISTS (SELECT FROM unnest(f.subject_attributes) a WHERE a ILIKE g))) m
LEFT JOIN signed_known s USING (certificate)
ORDER BY m.certificate, m.kind = 'own' DESC, m.name;
ANALYZE issuer_match
