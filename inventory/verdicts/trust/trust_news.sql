-- How many names have newly anchored authorities?
SELECT count(*) FROM authority_news
