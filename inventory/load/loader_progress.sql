-- $1 bundle, rows of $2 observation, $3 posture, $4 sighting, $5 block, $6 name, $7 counter, $8 file
UPDATE bundle SET observation_row = $2, posture_row = $3, sighting_row = $4, block_row = $5, name_row = $6,
                  counter_row = $7, file_row = $8, loaded_at = now()
WHERE id = $1
