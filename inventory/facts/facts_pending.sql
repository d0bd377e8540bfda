-- Does any certificate wait for facts?
SELECT 1 WHERE EXISTS (SELECT FROM facts_pending)
