-- Empties what a part of a batch was copied into, before the next part is
TRUNCATE in_endpoint, in_sighting, in_posture
