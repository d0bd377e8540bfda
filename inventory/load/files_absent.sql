-- Places that a walk to its end did not find, though it looked where and as the walk did that saw them. What could not be read this
-- time, and all in and below it, may still be there. $1 site
INSERT INTO in_point (place, at)
SELECT p.id, max(r.to_at)
FROM in_root r
JOIN file_place p ON p.site = $1::bigint AND text_sha256(p.host) = text_sha256(r.host)
                 AND (r.path = '/' OR p.path = r.path OR starts_with(p.path, r.path || '/'))
JOIN file_now n ON n.place = p.id
WHERE r.is_complete
  AND EXISTS (SELECT FROM file_root o WHERE o.scan = n.scan AND o.host = r.host AND o.settings = r.settings)
  AND NOT EXISTS (SELECT FROM in_point i WHERE i.place = p.id)
  AND NOT EXISTS (SELECT FROM in_file u
                  WHERE u.outcome <> 1 AND u.host = p.host
                    AND ((u.path = p.path AND starts_with(p.inside, u.inside))
                         OR (u.inside = '' AND starts_with(p.path, u.path || '/'))))
GROUP BY p.id
