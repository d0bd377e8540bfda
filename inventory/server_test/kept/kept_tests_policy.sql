-- The rules of the policy in force that these endpoints break, or the certificates that they serve now. $1
-- endpoints. Columns: endpoint, the policy's name, how many rules there are, a rule that it breaks and its title
-- (NULL: none). Findings of mere information are left out.
WITH asked AS MATERIALIZED (
    SELECT e AS endpoint FROM unnest($1::bigint[]) e
), broken AS (
    SELECT a.endpoint, f.rule FROM asked a JOIN finding f ON f.endpoint = a.endpoint WHERE f.severity_rank < 5
    UNION
    SELECT a.endpoint, f.rule FROM asked a JOIN endpoint_judged j ON j.endpoint = a.endpoint
    JOIN finding f ON f.certificate = j.certificate AND f.endpoint = 0 WHERE f.severity_rank < 5
)
SELECT a.endpoint, p.name, (SELECT count(*) FROM rule), b.rule, r.title
FROM asked a CROSS JOIN policy_current p LEFT JOIN broken b USING (endpoint) LEFT JOIN rule r ON r.id = b.rule
ORDER BY a.endpoint, b.rule
