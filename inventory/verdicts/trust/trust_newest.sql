-- The newest authority's number.
SELECT coalesce(max(id), 0) FROM authority
