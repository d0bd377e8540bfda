-- How many rows does the whole list have? $1 site or NULL, $2 a subject of now_count, $3 its values. NULL: that is not counted, since
-- "served record" leaves out the certificates that lie in files alone, and there are files.
SELECT CASE WHEN $2 <> 'served record' OR NOT EXISTS (SELECT FROM file_certificate_now) THEN coalesce(sum(n.count), 0)::bigint END
FROM now_count n
WHERE n.subject = $2 AND n.value = ANY ($3::text[])
  AND n.site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
