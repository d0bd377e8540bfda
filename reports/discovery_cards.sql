-- The numbers at the top of the page. What was not judged is not counted as 0. $1 site or NULL
WITH counted AS MATERIALIZED (
    SELECT subject, value, count FROM now_count
    WHERE site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
), card (ordinal, label, severity, subject, value) AS (
    VALUES (1, 'certificates served', '', 'certificates', ARRAY['served now']),
           (2, 'places that serve them', '', 'places', ARRAY['with a certificate']),
           (3, 'unmanaged', 'high', 'served record', ARRAY['unmanaged']),
           (4, 'from foreign CAs', 'medium', 'served issuer', ARRAY['foreign']),
           (5, 'self-signed', 'medium', 'served issuer', ARRAY['self-signed']),
           (6, 'expired', 'critical', 'served time', ARRAY['expired']),
           (7, 'to be renewed soon', 'high', 'served time', ARRAY['expiring', 'renewal due']),
           (8, 'weak or weakly served', 'high', 'weak', ARRAY['subjects']),
           (9, 'without an owner', 'medium', 'certificates', ARRAY['without an owner'])
)
SELECT CASE WHEN c.label IN ('unmanaged', 'from foreign CAs') AND EXISTS (
                     SELECT FROM counted n WHERE n.subject = c.subject AND n.value = 'not judged' AND n.count > 0)
            THEN 'not judged'
            ELSE coalesce((SELECT sum(n.count) FROM counted n WHERE n.subject = c.subject AND n.value = ANY (c.value)), 0)::text END,
       c.label, c.severity
FROM card c
ORDER BY c.ordinal
