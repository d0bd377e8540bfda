-- Orphans have been tried against all that is there.
UPDATE trust_state SET retried_to = (SELECT coalesce(max(id), 0) FROM authority);
DELETE FROM authority_news;
