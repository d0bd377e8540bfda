-- The role, and whether it may add rows to a table of ours ($1).
SELECT current_user, has_table_privilege('certsweep.' || $1, 'INSERT')
