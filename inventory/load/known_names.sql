-- By which names have endpoints of a site answered before? A scan's worker asks for them again.
-- $1 site. address (text, no mask); port; transport (IANA number); name.
SELECT host(e.address) AS address, e.port, e.transport, e.server_name AS name
  FROM endpoint AS e
  JOIN site ON site.id = e.site
 WHERE site.name = $1 AND e.server_name <> '' AND e.zone = ''
 ORDER BY e.address, e.server_name, e.port
 LIMIT 500000
