-- How many were cut off while they were sent, by an earlier run.
SELECT count(*) FROM notice WHERE state = 'sending'
