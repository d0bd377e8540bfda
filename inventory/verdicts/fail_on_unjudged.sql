-- How many served certificates have no verdict by record, or by issuer? $1 site, NULL every one. subject; count, where there are any.
SELECT n.subject, n.count
  FROM now_count n
 WHERE n.site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
   AND n.subject IN ('served record', 'served issuer') AND n.value = 'not judged' AND n.count > 0
