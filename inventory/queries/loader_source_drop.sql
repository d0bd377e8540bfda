-- What a run that never finished saw of a capture file is seen again, whole, by another. $1 the former's scan.
WITH dropped AS (DELETE FROM sighting WHERE scan = $1 RETURNING endpoint)
INSERT INTO recompute SELECT DISTINCT endpoint FROM dropped ON CONFLICT DO NOTHING
