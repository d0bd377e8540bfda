-- title: Its CA may not have issued it: name constraints, path length, key usage or purpose
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.2.1.9, 4.2.1.10, 4.2.1.12, 6.1
-- next step: Take a certificate from a CA that may issue for this name and purpose; tell the CA.
WITH bound AS (      -- authorities all of whose paths violate their bounds, or are not for servers
    SELECT p.authority, min(p.fault) AS fault,
           coalesce(bit_or(p.purposes) FILTER (WHERE p.fault IS NULL), 0) AS purposes, bool_and(p.fault IS NOT NULL) AS is_faulty
    FROM ca_path p GROUP BY p.authority),
violation AS (       -- names broken on every path that is sound otherwise
    SELECT n.certificate, min(n.name) AS name FROM name_violation n
    WHERE NOT EXISTS (SELECT FROM certificate_path p WHERE p.certificate = n.certificate AND p.fault IS NULL OFFSET 0)    -- one by one
    GROUP BY 1),
suspect AS MATERIALIZED (
    SELECT s.certificate, s.issuer_key, b.is_faulty, b.fault, v.name
    FROM subject s
    JOIN bound b ON b.authority = s.authority
    LEFT JOIN violation v ON v.certificate = s.certificate
    WHERE s.is_leaf AND (b.is_faulty OR v.name IS NOT NULL OR b.purposes & 1 = 0))
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'H07', s.certificate, 'high',
       jsonb_build_object('issuer', i.issuer, 'violates', CASE WHEN s.is_faulty THEN s.fault WHEN s.name IS NOT NULL THEN 'name constraints'
                          ELSE 'purpose' END, 'name', s.name)
FROM suspect s
JOIN issuer i USING (issuer_key)
JOIN edge e ON e.child = s.certificate
WHERE s.is_faulty OR s.name IS NOT NULL OR (e.purposes & 1 <> 0 AND EXISTS (SELECT FROM place d WHERE d.certificate = s.certificate))
