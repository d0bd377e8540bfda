-- How a place with certificates of several owners counts, where there are any. Column: a sentence.
SELECT 'A place that shows certificates of several owners counts at each of them: the column Places sums to more than the places.'
WHERE (SELECT sum(places) FROM owner_count) > (SELECT count FROM now_count WHERE site = 0 AND subject = 'places' AND value = 'with a certificate')
