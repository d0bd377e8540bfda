-- Counts what the certificates and endpoints in scope contribute to owner_count ($1 = 1), or contributed before this run ($1 = -1). Reads the
-- views of reconcile_counted_before.sql or reconcile_counted_now.sql.
INSERT INTO owner_part
WITH named AS MATERIALIZED (
    SELECT id, md5(owner)::uuid AS owner_key FROM owner_basis
    WHERE id IN (SELECT owner_basis FROM counted_certificate UNION SELECT owner_basis FROM counted_place)
), part AS (
    SELECT n.owner_basis, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
           count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
           count(*) FILTER (WHERE n.severity_rank = 5) AS info, 0::bigint AS places
    FROM counted_certificate n WHERE n.is_leaf GROUP BY n.owner_basis
)
SELECT coalesce(o.owner_key, '00000000-0000-0000-0000-000000000000'), $1::bigint * p.certificates, $1::bigint * p.served, $1::bigint * p.unmanaged,
       $1::bigint * p.expired, $1::bigint * p.expiring, $1::bigint * p.critical, $1::bigint * p.high, $1::bigint * p.medium, $1::bigint * p.low,
       $1::bigint * p.info, 0
FROM part p LEFT JOIN named o ON o.id = p.owner_basis
UNION ALL
SELECT coalesce(j.owner_key, '00000000-0000-0000-0000-000000000000'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $1::bigint * count(*)
FROM (SELECT DISTINCT j.endpoint, o.owner_key FROM counted_place j LEFT JOIN named o ON o.id = j.owner_basis) j
GROUP BY j.owner_key
