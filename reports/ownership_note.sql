-- How certificates of several owners count, and a place with certificates of several, where there are any. Column: a sentence or two.
SELECT concat_ws(' ',
    (SELECT 'A certificate of several owners counts at each of them; together ' || grouped(c.count) || ' different ones, of which ' || grouped(s.count)
            || CASE WHEN s.count = 1 THEN ' has' ELSE ' have' END || ' several owners.'
     FROM now_count c JOIN now_count s USING (site, subject)
     WHERE c.site = 0 AND c.subject = 'of all owners' AND c.value = 'certificates' AND s.value = 'shared' AND s.count > 0),
    (SELECT 'A place that shows certificates of several owners counts at each of them: the column Places sums to more than the places.'
     WHERE (SELECT sum(places) FROM owner_count) > (SELECT count FROM now_count WHERE site = 0 AND subject = 'places' AND value = 'with a certificate')))
