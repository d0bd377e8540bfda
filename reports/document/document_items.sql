-- Fills document_item of document_finding. A certificate of several owners ("shared by A; B") counts at each of them that has a place or a file of it here.
WITH dated AS MATERIALIZED (
    SELECT f.owner, f.subject, f.rule, f.basis, f.severity_rank, f.act_by, is_of_several(b.evidence) AS is_shared
    FROM document_finding f LEFT JOIN owner_basis b ON b.id = f.basis
    WHERE f.act_by IS NOT NULL
), placed AS MATERIALIZED (
    SELECT p.certificate, p.owner, min(p.basis) AS basis
    FROM document_place p
    WHERE (p.endpoint <> 0 OR p.file IS NOT NULL) AND NOT p.is_key AND p.owner <> '' AND p.certificate IN (SELECT subject FROM dated WHERE is_shared)
    GROUP BY p.certificate, p.owner
)
INSERT INTO document_item (owner, subject, basis, severity_rank, act_by, rules)
SELECT coalesce(p.owner, CASE WHEN d.is_shared THEN '' ELSE d.owner END), d.subject, min(coalesce(p.basis, d.basis)), min(d.severity_rank), min(d.act_by),
       array_agg(DISTINCT d.rule)
FROM dated d
LEFT JOIN placed p ON d.is_shared AND p.certificate = d.subject
GROUP BY 1, 2
