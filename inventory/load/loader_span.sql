-- $1 scan, $2 and $3 the earliest and the latest time in this batch
UPDATE scan SET first_at = least(first_at, $2), last_at = greatest(last_at, $3) WHERE id = $1
