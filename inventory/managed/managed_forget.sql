-- Ends all records of a source; its history stays. $1 its name
-- Columns: is there such a source, how many records ended.
WITH ended AS (
    UPDATE managed_record SET valid_to = now()
    WHERE valid_to IS NULL AND source = (SELECT id FROM managed_source WHERE name = $1)
    RETURNING id
)
SELECT (SELECT count(*) FROM managed_source WHERE name = $1) AS is_known, (SELECT count(*) FROM ended) AS records
