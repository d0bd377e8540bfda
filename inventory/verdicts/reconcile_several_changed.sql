-- Endpoints that have shown a leaf in scope, and more than one chain.
CREATE TEMP TABLE several AS
SELECT a.endpoint
FROM (SELECT DISTINCT s.endpoint FROM scope_certificate x JOIN chain c ON c.leaf = x.certificate JOIN answer_span s ON s.chain = c.id) e
JOIN answer_span a USING (endpoint)
WHERE a.chain IS NOT NULL AND a.role = 1
GROUP BY a.endpoint HAVING min(a.chain) <> max(a.chain)
