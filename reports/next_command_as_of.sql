-- For filter_kept(): $1 --as-of as it was typed.
SELECT set_config('certsweep.as_of', $1::text, false)
