-- All rows of the bundle are here. $1 bundle, $2 sealed, $3 lines of its name list
UPDATE bundle SET sealed = $2, target_lines = $3 WHERE id = $1
