-- Counts what the certificates and endpoints in scope contribute to owner_count and owner_renewal_count ($1 = 1), or contributed before this run
-- ($1 = -1). Reads the views of reconcile_counted_before.sql or reconcile_counted_now.sql, each once. Counted by basis first: an owner has many,
-- but there are far fewer of them than endpoints; and by life, for those that will be renewed: what follows from it is computed for few.
-- (A record's word on its renewal never changes.) Only an endpoint with several certificates can have one owner by several bases.
WITH alike AS MATERIALIZED (
    SELECT n.owner_basis, CASE WHEN n.time <> 'expired' AND n.not_after > n.not_before THEN n.not_after - n.not_before END AS life,
           r.id IS NOT NULL AS is_automatic, n.is_renewed, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
           count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
           count(*) FILTER (WHERE n.severity_rank = 5) AS info, 0::bigint AS places,
           count(*) FILTER (WHERE n.severity_rank <= 2 OR n.time IN ('expired', 'expiring')) AS urgent
    FROM counted_certificate n LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
    WHERE n.is_leaf GROUP BY 1, 2, 3, 4
), renewals AS (
    INSERT INTO renewal_part
    SELECT coalesce(md5(o.owner)::uuid, '00000000-0000-0000-0000-000000000000'), d.days, renewal_way(a.is_automatic, d.days, a.is_renewed),
           $1::bigint * sum(a.certificates), $1::bigint * sum(CASE WHEN a.is_renewed THEN a.certificates ELSE 0 END)
    FROM alike a CROSS JOIN LATERAL renewal_days(a.life) d (days) LEFT JOIN owner_basis o ON o.id = a.owner_basis
    WHERE a.life IS NOT NULL
    GROUP BY 1, 2, 3
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
INSERT INTO owner_part
SELECT coalesce(md5(o.owner)::uuid, '00000000-0000-0000-0000-000000000000'), $1::bigint * p.certificates, $1::bigint * p.served,
       $1::bigint * p.unmanaged, $1::bigint * p.expired, $1::bigint * p.expiring, $1::bigint * p.critical, $1::bigint * p.high,
       $1::bigint * p.medium, $1::bigint * p.low, $1::bigint * p.info, $1::bigint * p.places, $1::bigint * p.urgent, o.owner
FROM (SELECT owner_basis, certificates, served, unmanaged, expired, expiring, critical, high, medium, low, info, places, urgent FROM alike
      UNION ALL
      SELECT owner_basis, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, places, 0 FROM place_part) p
LEFT JOIN owner_basis o ON o.id = p.owner_basis
