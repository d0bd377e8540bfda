-- The source's id; creates the source if it is new. $1 name
WITH made AS (
    INSERT INTO managed_source (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING id
)
SELECT id FROM made UNION ALL SELECT id FROM managed_source WHERE name = $1 LIMIT 1
