-- What each owner has, kept by every run as now_count is, so that the list of owners sums over nothing. A certificate counts at its owner, an
-- endpoint once at each owner of what it serves. Inventories that were judged before are counted here.
CREATE TABLE owner_count (
    owner_key uuid PRIMARY KEY,         -- MD5 of owner_basis.owner; zero: of nobody
    certificates bigint NOT NULL,
    served bigint NOT NULL,
    unmanaged bigint NOT NULL,          -- and served
    expired bigint NOT NULL,
    expiring bigint NOT NULL,           -- or renewal due
    critical bigint NOT NULL,           -- by its worst finding
    high bigint NOT NULL,
    medium bigint NOT NULL,
    low bigint NOT NULL,
    info bigint NOT NULL,
    places bigint NOT NULL
);

INSERT INTO owner_count
SELECT x.owner_key, sum(certificates), sum(served), sum(unmanaged), sum(expired), sum(expiring), sum(critical), sum(high), sum(medium), sum(low),
       sum(info), sum(places)
FROM (SELECT coalesce(md5(o.owner), repeat('0', 32))::uuid AS owner_key, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
             count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
             count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
             count(*) FILTER (WHERE n.severity_rank = 1) AS critical, count(*) FILTER (WHERE n.severity_rank = 2) AS high,
             count(*) FILTER (WHERE n.severity_rank = 3) AS medium, count(*) FILTER (WHERE n.severity_rank = 4) AS low,
             count(*) FILTER (WHERE n.severity_rank = 5) AS info, 0 AS places
      FROM certificate_now n LEFT JOIN owner_basis o ON o.id = n.owner_basis WHERE n.is_leaf GROUP BY 1
      UNION ALL
      SELECT j.owner_key, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*)
      FROM (SELECT DISTINCT j.endpoint, coalesce(md5(o.owner), repeat('0', 32))::uuid AS owner_key
            FROM endpoint_judged j LEFT JOIN owner_basis o ON o.id = j.owner_basis) j
      GROUP BY j.owner_key) x
GROUP BY x.owner_key;
