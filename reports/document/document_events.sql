-- What happened at the places in the last 28 days. $1 site or NULL. Columns: new, changed, gone, returned (places)
SELECT count(*) FILTER (WHERE v.kind = 'new'), count(*) FILTER (WHERE v.kind = 'changed'), count(*) FILTER (WHERE v.kind = 'gone'),
       count(*) FILTER (WHERE v.kind = 'returned')
FROM (SELECT DISTINCT v.endpoint, v.kind FROM event v CROSS JOIN report_as_of r
      WHERE v.time > r.as_of - interval '28 days' AND v.time <= r.as_of) v
JOIN endpoint e ON e.id = v.endpoint JOIN site ON site.id = e.site
WHERE $1::text IS NULL OR site.name = $1
