-- The id of the newest authority.
SELECT coalesce(max(id), 0) FROM authority
