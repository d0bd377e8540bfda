-- Empties what a commit leaves: answers may be copied before the certificates that they refer to are stored.
TRUNCATE in_answer
