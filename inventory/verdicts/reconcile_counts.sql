-- Updates now_count by what this run removed and added.
UPDATE now_count o SET count = o.count + n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part GROUP BY site, subject, value) n
WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value AND n.count <> 0;
INSERT INTO now_count (site, subject, value, count)
SELECT n.site, n.subject, n.value, n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part GROUP BY site, subject, value) n
LEFT JOIN now_count o USING (site, subject, value)
WHERE o.site IS NULL AND n.count > 0;
DELETE FROM now_count WHERE count = 0;
