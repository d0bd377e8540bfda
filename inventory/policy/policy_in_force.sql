-- The id of the policy in force. No row: there was never one.
SELECT id FROM policy_current
