-- How many named groups are in the database?
SELECT count(*) FROM named_group
