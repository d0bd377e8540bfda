-- How far has this bundle been loaded? $1 the bundle's own id.
-- Columns: id, scan, rows of observation, posture, sighting, block, name, counter, file; sealed
SELECT id, scan, observation_row, posture_row, sighting_row, block_row, name_row, counter_row, file_row, sealed
FROM bundle WHERE bundle_id = $1
