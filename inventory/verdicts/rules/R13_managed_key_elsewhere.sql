-- title: The key of a managed certificate under other names
-- version: 2
-- severity: medium
-- applies to: any
-- needs: managed
-- source: SP 800-57 part 1, 5.2: one key, one use
-- next step: Find out who has the key: give this service one of its own, and replace the managed certificate's if it got away.
-- Critical where nothing speaks for one of ours: no name ends in a suffix of the policy, and its CA is neither own nor approved.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R13', c.certificate,
       CASE WHEN j.own_suffixes || j.allowed_suffixes <> '{}' AND NOT ours.one AND a.issuer IN ('foreign', 'private', 'self-signed', 'unknown')
            THEN 'critical' ELSE 'medium' END,
       jsonb_build_object('record', r.file || ':' || r.line, 'managed', coalesce(r.common_name, r.name_set[1]), 'issuer_class', a.issuer)
FROM judging j, record_conflict c
JOIN managed_record r ON r.id = c.record
JOIN axes a ON a.certificate = c.certificate
JOIN certificate_own o ON o.certificate = c.certificate
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM unnest(o.name_set || lower(o.common_names[1])) n, unnest(j.own_suffixes || j.allowed_suffixes) x
                   WHERE n = x OR right(n, length(x) + 1) = '.' || x) AS one) ours
WHERE c.kind = 'key'
