-- Axis issuer, in this order: self-signed (verified), own, approved (predicates over names at the issue date), foreign
-- (a path to a public root), private (a path to another known root), unknown. Without an own CA only self-signed is
-- judged: whether a public CA is foreign depends on which CAs are our own.
-- A certificate that only MD5 or a key below 1,024 bits vouches for is neither own nor approved: anybody could have forged it.
-- Each predicate is tested once per issuer; the subject is tested only if the predicate has a condition for it.
CREATE TEMP TABLE issuer_match AS
SELECT DISTINCT ON (m.certificate) m.certificate, m.kind, m.name
FROM (
    SELECT k.certificate, p.kind, p.name
    FROM (SELECT i.issuer_key, r.* FROM issuer i, issuer_rule r
          WHERE NOT EXISTS (SELECT FROM unnest(r.issuer_attributes) g
                            WHERE NOT EXISTS (SELECT FROM unnest(i.issuer_attributes) a WHERE a ILIKE g))) p
    JOIN known k USING (issuer_key)
    LEFT JOIN certificate_facts f ON p.subject_attributes <> '{}' AND f.certificate = k.certificate
    WHERE k.has_axes AND NOT k.is_weakly_signed
      AND k.not_before >= coalesce(p.valid_from, '-infinity') AND k.not_before < coalesce(p.valid_to, 'infinity')
      AND (p.subject_attributes = '{}'
           OR NOT EXISTS (SELECT FROM unnest(p.subject_attributes) g
                          WHERE NOT EXISTS (SELECT FROM unnest(f.subject_attributes) a WHERE a ILIKE g)))) m
ORDER BY m.certificate, m.kind = 'own' DESC, m.name;
ANALYZE issuer_match
