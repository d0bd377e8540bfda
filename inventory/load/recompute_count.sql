-- How many endpoints does this chunk have? Column: count
SELECT count(*) FROM in_changed
