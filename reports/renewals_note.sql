-- How certificates of several owners count, where there are any. Column: a sentence.
SELECT 'A certificate of several owners counts at each of them, and once in (all).'
WHERE (SELECT sum(lasting) FROM owner_count) > (SELECT count FROM now_count WHERE site = 0 AND subject = 'of all owners' AND value = 'lasting')
