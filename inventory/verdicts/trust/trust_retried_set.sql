-- Records that orphans were tried with all authorities.
UPDATE trust_state SET retried_to = (SELECT coalesce(max(id), 0) FROM authority);
DELETE FROM authority_news;
