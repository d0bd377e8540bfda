-- Endpoints that have shown more than one chain.
SET LOCAL enable_hashagg = off;         -- the index gives them in order
CREATE TEMP TABLE several AS
SELECT endpoint FROM answer_span WHERE chain IS NOT NULL AND role = 1 GROUP BY endpoint HAVING min(chain) <> max(chain);
SET LOCAL enable_hashagg = on
