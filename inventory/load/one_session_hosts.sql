-- Which hosts of a site took one session at a time when they were last asked? A scan's worker asks them so from the start.
-- $1 site. address (text, no mask).
SELECT DISTINCT host(e.address) AS address
  FROM posture AS p
  JOIN endpoint AS e ON e.id = p.endpoint
  JOIN site ON site.id = e.site
 WHERE p.item = 'sessions_at_once' AND site.name = $1 AND e.zone = ''
 ORDER BY 1
 LIMIT 65536
