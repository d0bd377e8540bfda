-- Is there such a record now? $1 id
SELECT id FROM managed_record WHERE id = $1::bigint AND valid_to IS NULL
