-- Updates now_count, owner_count and owner_renewal_count by what this run removed and added.
UPDATE now_count o SET count = o.count + n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part GROUP BY site, subject, value) n
WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value AND n.count <> 0;
INSERT INTO now_count (site, subject, value, count)
SELECT n.site, n.subject, n.value, n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part GROUP BY site, subject, value) n
LEFT JOIN now_count o USING (site, subject, value)
WHERE o.site IS NULL AND n.count > 0;
DELETE FROM now_count WHERE count = 0;

CREATE TEMP TABLE owner_difference AS
SELECT * FROM (
    SELECT owner_key, sum(certificates)::bigint AS certificates, sum(served)::bigint AS served, sum(unmanaged)::bigint AS unmanaged, sum(expired)::bigint AS expired,
           sum(expiring)::bigint AS expiring, sum(critical)::bigint AS critical, sum(high)::bigint AS high, sum(medium)::bigint AS medium,
           sum(low)::bigint AS low, sum(info)::bigint AS info, sum(places)::bigint AS places,
           sum(urgent)::bigint AS urgent, max(owner) AS owner
    FROM owner_part GROUP BY owner_key) n
WHERE (certificates, served, unmanaged, expired, expiring, critical, high, medium, low, info, places, urgent) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
UPDATE owner_count o
SET certificates = o.certificates + n.certificates, served = o.served + n.served, unmanaged = o.unmanaged + n.unmanaged, expired = o.expired + n.expired,
    expiring = o.expiring + n.expiring, critical = o.critical + n.critical, high = o.high + n.high, medium = o.medium + n.medium,
    low = o.low + n.low, info = o.info + n.info, places = o.places + n.places, urgent = o.urgent + n.urgent
FROM owner_difference n WHERE n.owner_key = o.owner_key;
INSERT INTO owner_count SELECT n.* FROM owner_difference n WHERE NOT EXISTS (SELECT FROM owner_count o WHERE o.owner_key = n.owner_key);
DELETE FROM owner_count WHERE certificates = 0 AND places = 0;

CREATE TEMP TABLE renewal_difference AS
SELECT * FROM (
    SELECT owner_key, days, way, sum(count)::bigint AS count, sum(renewed)::bigint AS renewed FROM renewal_part GROUP BY owner_key, days, way) n
WHERE (count, renewed) <> (0, 0);
UPDATE owner_renewal_count o SET count = o.count + n.count, renewed = o.renewed + n.renewed
FROM renewal_difference n WHERE n.owner_key = o.owner_key AND n.days = o.days AND n.way = o.way;
INSERT INTO owner_renewal_count
SELECT n.* FROM renewal_difference n LEFT JOIN owner_renewal_count o USING (owner_key, days, way) WHERE o.owner_key IS NULL;
DELETE FROM owner_renewal_count WHERE count = 0;
