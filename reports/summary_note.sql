-- How a place with several certificates counts, where there are any. Column: a sentence.
SELECT 'A place whose certificates stand there in different ways counts once for each: the rows of deployment sum to more than the places.'
WHERE (SELECT sum(count) FROM now_count WHERE site = 0 AND subject = 'deployed') > (SELECT count FROM now_count WHERE site = 0
    AND subject = 'places' AND value = 'with a certificate')
