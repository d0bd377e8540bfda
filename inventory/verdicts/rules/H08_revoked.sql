-- title: Revoked by its CA
-- version: 1
-- severity: critical
-- applies to: any
-- needs: revocation
-- source: RFC 5280, 5.3; RFC 6960, 2.2; SSL Labs rating guide 2009k (T)
-- next step: Replace the certificate and its key at once; a hold is ended by the CA.
WITH told AS (       -- what was revoked on that day
    SELECT DISTINCT ON (e.child) e.child AS certificate, r.revoked_at, r.reason, r.source
    FROM judging j, revocation r
    JOIN certificate_facts f ON f.serial_number = r.serial_number
    JOIN edge e ON e.child = f.certificate AND e.authority = r.authority
    WHERE r.revoked_at <= j.as_of AND (r.released_at IS NULL OR r.released_at > j.as_of)
    ORDER BY e.child, r.reason = 6, r.revoked_at),
lost AS (            -- authorities all of whose paths go through a revoked CA certificate
    SELECT p.authority, min(t.certificate) AS ca
    FROM ca_path p LEFT JOIN told t ON t.certificate = ANY (p.certificates)
    WHERE p.fault IS NULL
    GROUP BY p.authority
    HAVING bool_and(t.certificate IS NOT NULL)),
hits AS (
    SELECT t.certificate, t.certificate AS revoked FROM told t
    UNION ALL
    SELECT e.child, l.ca FROM lost l JOIN edge e USING (authority)
    WHERE NOT EXISTS (SELECT FROM told t WHERE t.certificate = e.child))
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'H08', s.certificate, CASE WHEN t.reason = 6 THEN 'high' ELSE 'critical' END,
       jsonb_strip_nulls(jsonb_build_object('revoked_at', t.revoked_at, 'said_by', t.source, 'issuer', CASE WHEN h.revoked <> s.certificate THEN f.subject END,
           'reason', (ARRAY['not given', 'key compromise', 'CA compromise', 'affiliation changed', 'superseded', 'cessation of operation', 'hold', '7',
                            'removed', 'privilege withdrawn', 'AA compromise'])[t.reason + 1]))
FROM hits h
JOIN subject s ON s.certificate = h.certificate
JOIN told t ON t.certificate = h.revoked
JOIN certificate_facts f ON f.certificate = h.revoked
