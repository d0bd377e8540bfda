-- How many names have authorities that this run anchored?
SELECT count(*) FROM authority_news
