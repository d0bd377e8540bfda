-- The policy in force: id. No row: none was ever put to use.
SELECT id FROM policy_current
