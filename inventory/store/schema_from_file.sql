-- Sets from which file on views and functions are dropped ($1).
SELECT set_config('certsweep.from_file', $1, true)
