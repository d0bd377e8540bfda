-- How many renewals a year each owner faces and how many of its certificates need action, kept by every run as owner_count is, so that neither
-- the report nor the summary sums over the inventory. The owner's name stands beside what is kept of it: owner_basis has a row for
-- every managed record that names one.

-- In the year before the last run another certificate of the same names, with an earlier end, gave way to it at an endpoint; of
-- leaves that have not ended.
ALTER TABLE certificate_now ADD COLUMN is_renewed boolean NOT NULL DEFAULT false;

ALTER TABLE owner_count
    ADD COLUMN urgent bigint NOT NULL DEFAULT 0,        -- critical, high, expired or expiring
    ADD COLUMN owner text;                              -- NULL: of nobody
UPDATE owner_count c SET owner = k.owner FROM (SELECT DISTINCT owner FROM owner_basis) k WHERE c.owner_key = md5(k.owner)::uuid;
UPDATE owner_count c SET urgent = n.count
FROM (SELECT coalesce(md5(o.owner), repeat('0', 32))::uuid AS owner_key, sum(n.count) AS count
      FROM (SELECT owner_basis, count(*) AS count FROM certificate_now
            WHERE is_leaf AND (severity_rank <= 2 OR time IN ('expired', 'expiring')) GROUP BY owner_basis) n
      LEFT JOIN owner_basis o ON o.id = n.owner_basis
      GROUP BY 1) n
WHERE n.owner_key = c.owner_key;

-- How many days it lives, one or more.
CREATE FUNCTION renewal_days(life interval) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(date_part('epoch', life) / 86400, 1)
$$;
-- Automatic: the record says so, or it lives 100 days or less; by hand: a longer one that was seen renewed; else it is unknown.
CREATE FUNCTION renewal_way(is_automatic boolean, days float8, is_renewed boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_automatic OR days <= 100 THEN 'automatic' WHEN is_renewed THEN 'by hand' ELSE 'not known' END
$$;

CREATE TABLE owner_renewal_count (      -- leaves that have not ended
    owner_key uuid NOT NULL,            -- as owner_count.owner_key
    days float8 NOT NULL,               -- renewal_days()
    way text COLLATE "C" NOT NULL,      -- renewal_way()
    count bigint NOT NULL,
    renewed bigint NOT NULL,            -- of these: is_renewed
    PRIMARY KEY (owner_key, days, way)
);

-- Inventories that were judged before are counted here. (The moment is that of the last run, as report_as_of has it.)
UPDATE certificate_now n
SET is_renewed = true,
    next_change_at = CASE WHEN x.until < n.not_after + interval '1 second' THEN least(n.next_change_at, x.until) ELSE n.next_change_at END
FROM (SELECT ca.leaf AS certificate, max(e.time) + interval '1 year' AS until
      FROM (SELECT coalesce((SELECT as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1), now()) AS as_of) r
      JOIN event e ON e.kind = 'changed' AND e.time > r.as_of - interval '366 days' AND e.time <= r.as_of AND e.time + interval '1 year' > r.as_of
      JOIN chain cb ON cb.id = e.chain_before
      JOIN chain ca ON ca.id = e.chain_after
      JOIN certificate_own b ON b.certificate = cb.leaf
      JOIN certificate_own a ON a.certificate = ca.leaf
      WHERE a.name_set = b.name_set AND a.not_after > b.not_after
      GROUP BY ca.leaf) x
WHERE n.certificate = x.certificate AND n.is_leaf AND n.time <> 'expired';

-- What is dated ahead of the last run is judged by the next.
INSERT INTO dirty (kind, id)
SELECT DISTINCT 2, e.endpoint FROM event e
WHERE e.kind = 'changed' AND e.time > coalesce((SELECT as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1), now());

INSERT INTO owner_renewal_count
SELECT coalesce(md5(o.owner), repeat('0', 32))::uuid, l.days, renewal_way(coalesce(r.auto_renewal, false), l.days, n.is_renewed), count(*),
       count(*) FILTER (WHERE n.is_renewed)
FROM certificate_now n
CROSS JOIN LATERAL renewal_days(n.not_after - n.not_before) l (days)
LEFT JOIN managed_record r ON r.id = n.record_id
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE n.is_leaf AND n.time <> 'expired' AND n.not_after > n.not_before
GROUP BY 1, 2, 3;
