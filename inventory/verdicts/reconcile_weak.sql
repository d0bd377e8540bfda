-- How many findings does the report of what is weak list, as of the last run? Column: count.
SELECT coalesce(sum(count), 0)::bigint FROM now_count WHERE site = 0 AND subject = 'weak' AND value = 'findings'
