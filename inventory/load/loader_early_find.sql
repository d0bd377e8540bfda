-- What a bundle's answers depend on, before it is registered: $1 site, $2 the bundle's own id.
-- Columns: the site's id, the last row of observation that was loaded
SELECT s.id, coalesce((SELECT observation_row FROM bundle WHERE bundle_id = $2), 0) FROM site s WHERE s.name = $1
