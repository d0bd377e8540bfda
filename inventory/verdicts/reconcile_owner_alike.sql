-- The certificates that reconcile_owner_part.sql counts, by basis and life, and whose those of several owners are: a basis names one set of
-- owners, so one certificate of it tells that. Tables of their own, with statistics: the planner takes groups for as many as there are
-- rows. Reads the views of reconcile_counted_before.sql or reconcile_counted_now.sql.
DROP TABLE IF EXISTS owner_alike, owner_member;
CREATE TEMP TABLE owner_alike AS
SELECT n.owner_basis, CASE WHEN n.time <> 'expired' AND n.not_after > n.not_before THEN n.not_after - n.not_before END AS life,
       r.id IS NOT NULL OR n.is_automatic AS is_automatic, n.is_renewed, min(n.certificate) AS one, count(*) AS certificates,
           count(*) FILTER (WHERE n.place_count > 0) AS served,
       count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
       count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
       count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
       count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
       count(*) FILTER (WHERE n.severity_rank = 5) AS info,
       count(*) FILTER (WHERE is_urgent(n.is_leaf, n.severity_rank, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)) AS urgent
FROM counted_certificate n LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
WHERE n.is_leaf GROUP BY 1, 2, 3, 4;
ANALYZE owner_alike;
-- (Places and files each by itself: of a UNION ALL the planner knows no values.)
CREATE TEMP TABLE owner_member AS
WITH one AS MATERIALIZED (
    SELECT a.owner_basis AS basis, min(a.one) AS certificate
    FROM owner_alike a JOIN owner_basis o ON o.id = a.owner_basis WHERE is_of_several(o.evidence) GROUP BY a.owner_basis
)
SELECT one.basis AS owner_basis, o.owner FROM one JOIN endpoint_judged j USING (certificate) JOIN owner_basis o ON o.id = j.owner_basis
UNION
SELECT one.basis, o.owner FROM one JOIN file_judged j USING (certificate) JOIN owner_basis o ON o.id = j.owner_basis;
ANALYZE owner_member;
