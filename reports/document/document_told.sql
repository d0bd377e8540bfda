-- Fills document_told of document_finding. $1 owner, whose all of it is; NULL: a certificate of several owners ("shared by A; B") is told to each
-- of them that has a place or a file of it here, and what was found at a server to each that has something there: as each of their letters does, so
-- that the numbers of all letters are those of the document.
INSERT INTO document_told (owner, subject, basis, rule, severity_rank, act_by)
WITH dated AS MATERIALIZED (
    SELECT f.*, is_of_several(b.evidence) AS is_shared FROM document_finding f LEFT JOIN owner_basis b ON b.id = f.basis WHERE f.act_by IS NOT NULL
), placed AS MATERIALIZED (
    SELECT p.certificate, p.owner, min(p.basis) AS basis
    FROM document_place p
    WHERE $1::text IS NULL AND (p.endpoint <> 0 OR p.file IS NOT NULL) AND NOT p.is_key AND p.owner <> ''
        AND p.certificate IN (SELECT subject FROM dated WHERE is_shared OR rule = 'K21')
    GROUP BY p.certificate, p.owner
), shown AS MATERIALIZED (
    SELECT DISTINCT ON (p.endpoint, p.owner) p.endpoint, p.owner, p.certificate, p.basis
    FROM document_place p
    WHERE $1 IS NULL AND p.endpoint IN (SELECT endpoint FROM dated WHERE endpoint <> 0)
    ORDER BY p.endpoint, p.owner, p.certificate
)
SELECT d.owner, d.subject, d.basis, d.rule, d.severity_rank, d.act_by FROM dated d WHERE $1 IS NOT NULL
UNION ALL
SELECT coalesce(p.owner, CASE WHEN d.is_shared THEN '' ELSE d.owner END), d.subject, coalesce(p.basis, d.basis), d.rule, d.severity_rank, d.act_by
FROM dated d LEFT JOIN placed p ON d.is_shared AND p.certificate = d.subject
WHERE $1 IS NULL AND d.endpoint = 0
UNION ALL           -- a key that all may read is told to whom its file is, and to the owners of its certificate
SELECT coalesce(p.owner, o.owner, ''), d.subject, coalesce(p.basis, n.owner_basis), d.rule, d.severity_rank, d.act_by
FROM dated d JOIN certificate_now n ON n.certificate = d.certificate
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN placed p ON is_of_several(o.evidence) AND p.certificate = d.subject
WHERE $1 IS NULL AND d.endpoint = 0 AND d.rule = 'K21' AND d.basis IS DISTINCT FROM n.owner_basis
UNION ALL
SELECT coalesce(s.owner, d.owner), CASE WHEN s.endpoint IS NULL THEN d.subject WHEN n.owner_basis IS NOT NULL THEN -d.endpoint
    ELSE coalesce(nullif(d.certificate, 0), s.certificate) END,
       coalesce(s.basis, d.basis), d.rule, d.severity_rank, d.act_by
FROM dated d
LEFT JOIN shown s ON s.endpoint = d.endpoint
LEFT JOIN certificate_now n ON s.owner = '' AND n.certificate = coalesce(nullif(d.certificate, 0), s.certificate)
WHERE $1 IS NULL AND d.endpoint <> 0
