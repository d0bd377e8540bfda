-- The licences of the policy in force. Columns: how many, used, foreign certificates that nobody manages.
SELECT licences, used, foreign_found FROM licence_account
