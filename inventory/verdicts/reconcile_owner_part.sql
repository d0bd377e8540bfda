-- Counts what the certificates and endpoints in scope contribute to owner_count ($1 = 1), or contributed before this run ($1 = -1). Reads the
-- views of reconcile_counted_before.sql or reconcile_counted_now.sql. Counted by basis first: an owner has many, but there are far fewer of them
-- than endpoints. Only an endpoint with several certificates can have one owner by several bases.
INSERT INTO owner_part
WITH certificate_part AS (
    SELECT n.owner_basis, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
           count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
           count(*) FILTER (WHERE n.severity_rank = 5) AS info, 0::bigint AS places
    FROM counted_certificate n WHERE n.is_leaf GROUP BY n.owner_basis
), place_part AS (
    SELECT j.owner_basis, count(*) AS places
    FROM counted_place j WHERE NOT EXISTS (SELECT FROM counted_several s WHERE s.endpoint = j.endpoint) GROUP BY j.owner_basis
    UNION ALL
    SELECT j.owner_basis, count(*)
    FROM (SELECT j.endpoint, min(j.owner_basis) AS owner_basis
          FROM counted_several s JOIN counted_place j USING (endpoint) LEFT JOIN owner_basis o ON o.id = j.owner_basis
          GROUP BY j.endpoint, o.owner) j
    GROUP BY j.owner_basis
)
SELECT coalesce(md5(o.owner)::uuid, '00000000-0000-0000-0000-000000000000'), $1::bigint * p.certificates, $1::bigint * p.served,
       $1::bigint * p.unmanaged, $1::bigint * p.expired, $1::bigint * p.expiring, $1::bigint * p.critical, $1::bigint * p.high,
       $1::bigint * p.medium, $1::bigint * p.low, $1::bigint * p.info, $1::bigint * p.places
FROM (SELECT * FROM certificate_part
      UNION ALL
      SELECT owner_basis, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, places FROM place_part) p
LEFT JOIN owner_basis o ON o.id = p.owner_basis
