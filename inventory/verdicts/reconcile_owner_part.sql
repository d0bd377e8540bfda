-- Counts what the certificates and endpoints in scope contribute to owner_count ($1 = 1), or contributed before this run ($1 = -1). Reads
-- owner_alike and owner_member (reconcile_owner_alike.sql) and the views of reconcile_counted_before.sql or reconcile_counted_now.sql. Counted by
-- basis first: an owner has many, but there are far fewer of them than endpoints; and by life, for those that will be renewed: what follows from it
-- is computed for few.
-- (A record's word on its renewal never changes.) Only an endpoint with several certificates can have one owner by several bases.
-- A certificate counts at each of its owners, whole. How much there is of all owners together, each certificate once, now_count has as subject 'of all
-- owners'.
WITH spread AS (              -- is_total: of all owners, each certificate once
    SELECT t.is_total, CASE WHEN NOT t.is_total THEN o.owner END AS owner, is_of_several(o.evidence) AS is_shared, a.*
    FROM owner_alike a LEFT JOIN owner_basis o ON o.id = a.owner_basis CROSS JOIN (VALUES (true), (false)) t (is_total)
    WHERE t.is_total OR NOT is_of_several(o.evidence)
    UNION ALL
    SELECT false, m.owner, true, a.* FROM owner_alike a JOIN owner_member m USING (owner_basis)
), by_owner AS MATERIALIZED (
    SELECT s.is_total, s.owner, sum(s.certificates) AS certificates, coalesce(sum(s.certificates) FILTER (WHERE s.is_shared), 0) AS shared,
           sum(s.served) AS served, sum(s.unmanaged) AS unmanaged, sum(s.expired) AS expired, sum(s.expiring) AS expiring,
           sum(s.critical) AS critical, sum(s.high) AS high, sum(s.medium) AS medium, sum(s.low) AS low, sum(s.info) AS info,
           sum(s.urgent) AS urgent, sum(r.lasting) AS lasting, sum(r.automatic) AS automatic, sum(r.presumed) AS presumed, sum(r.by_hand) AS by_hand,
           sum(r.renewed) AS renewed, sum(r.a_year) AS a_year, sum(r.a_year_398) AS a_year_398, sum(r.a_year_200) AS a_year_200,
           sum(r.a_year_100) AS a_year_100, sum(r.a_year_47) AS a_year_47, sum(r.by_hand_47) AS by_hand_47
    FROM spread s CROSS JOIN LATERAL renewals_of(s.life, s.is_automatic, s.is_renewed, s.certificates) r
    GROUP BY s.is_total, s.owner
), all_owners AS (
    INSERT INTO count_part (site, subject, value, count)
    SELECT 0, 'of all owners', v.value, $1::bigint * v.count
    FROM by_owner a
    CROSS JOIN LATERAL (VALUES ('certificates', certificates), ('shared', shared), ('urgent', urgent), ('lasting', lasting),
                        ('automatic', automatic), ('presumed', presumed), ('by hand', by_hand), ('renewed', renewed),
                               ('a year', a_year), ('a year 398', a_year_398), ('a year 200', a_year_200), ('a year 100', a_year_100),
                               ('a year 47', a_year_47), ('by hand 47', by_hand_47)) v (value, count)
    WHERE a.is_total
), place_part AS (
    SELECT j.owner_basis, count(*) AS places
    FROM counted_place j WHERE NOT EXISTS (SELECT FROM counted_several s WHERE s.endpoint = j.endpoint) GROUP BY j.owner_basis
    UNION ALL
    SELECT j.owner_basis, count(*)
    FROM (SELECT j.endpoint, min(j.owner_basis) AS owner_basis
          FROM counted_several s JOIN counted_place j USING (endpoint) LEFT JOIN owner_basis o ON o.id = j.owner_basis
          GROUP BY j.endpoint, o.owner) j
    GROUP BY j.owner_basis
), part AS (
    SELECT owner, certificates, shared, served, unmanaged, expired, expiring, critical, high, medium, low, info, 0::bigint AS places, urgent, lasting,
           automatic, presumed, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
    FROM by_owner WHERE NOT is_total
    UNION ALL
    SELECT o.owner, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(p.places), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM place_part p LEFT JOIN owner_basis o ON o.id = p.owner_basis
    GROUP BY o.owner
)
INSERT INTO owner_part (owner_key, owner, certificates, shared, served, unmanaged, expired, expiring, critical, high, medium, low, info, places, urgent,
                        lasting, automatic, presumed, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47)
SELECT coalesce(md5(p.owner)::uuid, '00000000-0000-0000-0000-000000000000'), p.owner, s.sign * p.certificates, s.sign * p.shared, s.sign * p.served, s.sign * p.unmanaged,
       s.sign * p.expired, s.sign * p.expiring, s.sign * p.critical, s.sign * p.high, s.sign * p.medium, s.sign * p.low, s.sign * p.info,
       s.sign * p.places, s.sign * p.urgent, s.sign * p.lasting, s.sign * p.automatic, s.sign * p.presumed, s.sign * p.by_hand, s.sign * p.renewed, s.sign * p.a_year,
       s.sign * p.a_year_398, s.sign * p.a_year_200, s.sign * p.a_year_100, s.sign * p.a_year_47, s.sign * p.by_hand_47
FROM part p CROSS JOIN (SELECT $1::bigint AS sign) s
