-- Forgets what was seen before $1. Column: rows deleted
SELECT forget_before($1::timestamptz)
