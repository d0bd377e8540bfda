-- Under which names have endpoints of a site answered before? For a scan's worker, which asks them again.
-- $1 site. address (text, no mask); port; transport (IANA number); name.
SELECT host(e.address) AS address, e.port, e.transport, e.server_name AS name
  FROM endpoint AS e
  JOIN site ON site.id = e.site
 WHERE site.name = $1 AND e.server_name <> '' AND e.zone = ''
 ORDER BY e.address, e.server_name, e.port
 LIMIT 500000
