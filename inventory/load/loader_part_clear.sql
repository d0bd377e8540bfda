-- Empties the temporary tables before the next part of a batch is copied.
TRUNCATE in_endpoint, in_sighting, in_posture, in_posture_same
