-- May this role judge? One that only reads may not: judging writes, that of another day too. Columns: the role, whether it may.
SELECT current_user, has_table_privilege('certsweep.facts_pending', 'DELETE')
