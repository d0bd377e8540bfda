-- Counts what the certificates and endpoints in scope contribute to owner_count ($1 = 1), or contributed before this run ($1 = -1). Reads the
-- views of reconcile_counted_before.sql or reconcile_counted_now.sql, each once. Counted by basis first: an owner has many, but there are far
-- fewer of them than endpoints; and by life, for those that will be renewed: what follows from it is computed for few.
-- (A record's word on its renewal never changes.) Only an endpoint with several certificates can have one owner by several bases.
WITH alike AS MATERIALIZED (
    SELECT n.owner_basis, CASE WHEN n.time <> 'expired' AND n.not_after > n.not_before THEN n.not_after - n.not_before END AS life,
           r.id IS NOT NULL AS is_automatic, n.is_renewed, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
           count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
           count(*) FILTER (WHERE n.severity_rank = 5) AS info,
           count(*) FILTER (WHERE n.severity_rank <= 2 OR n.time IN ('expired', 'expiring')) AS urgent
    FROM counted_certificate n LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
    WHERE n.is_leaf GROUP BY 1, 2, 3, 4
), lived AS (
    SELECT a.*, d.days, renewal_way(a.is_automatic, d.days, a.is_renewed) AS way,
           CASE WHEN a.life IS NULL THEN 0 ELSE a.certificates END AS lasting
    FROM alike a CROSS JOIN LATERAL renewal_days(a.life) d (days)
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
INSERT INTO owner_part (owner_key, owner, certificates, served, unmanaged, expired, expiring, critical, high, medium, low, info, urgent, places,
                        lasting, automatic, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47)
SELECT coalesce(md5(o.owner)::uuid, '00000000-0000-0000-0000-000000000000'), o.owner, s.sign * p.certificates, s.sign * p.served, s.sign * p.unmanaged,
       s.sign * p.expired, s.sign * p.expiring, s.sign * p.critical, s.sign * p.high, s.sign * p.medium, s.sign * p.low, s.sign * p.info,
       s.sign * p.urgent, s.sign * p.places, s.sign * p.lasting, s.sign * (CASE WHEN p.way = 'automatic' THEN p.lasting ELSE 0 END),
       s.sign * (CASE WHEN p.way = 'by hand' THEN p.lasting ELSE 0 END), s.sign * (CASE WHEN p.is_renewed THEN p.lasting ELSE 0 END),
       s.sign * p.lasting * renewals_a_year(p.days, 'infinity'), s.sign * p.lasting * renewals_a_year(p.days, 398),
       s.sign * p.lasting * renewals_a_year(p.days, 200), s.sign * p.lasting * renewals_a_year(p.days, 100),
       s.sign * p.lasting * renewals_a_year(p.days, 47),
       s.sign * (CASE WHEN p.way <> 'automatic' THEN p.lasting ELSE 0 END) * renewals_a_year(p.days, 47)
FROM (SELECT owner_basis, certificates, served, unmanaged, expired, expiring, critical, high, medium, low, info, urgent, 0::bigint AS places, lasting,
             way, is_renewed, days FROM lived
      UNION ALL
      SELECT owner_basis, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, places, 0, 'not known', false, 1 FROM place_part) p
CROSS JOIN (SELECT $1::bigint AS sign) s
LEFT JOIN owner_basis o ON o.id = p.owner_basis
