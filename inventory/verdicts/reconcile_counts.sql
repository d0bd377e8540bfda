-- Updates now_count, ending_count and owner_count by what this run removed and added.
UPDATE now_count o SET count = o.count + n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part WHERE subject <> 'ends in' GROUP BY site, subject, value) n
WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value AND n.count <> 0;
INSERT INTO now_count (site, subject, value, count)
SELECT n.site, n.subject, n.value, n.count
FROM (SELECT site, subject, value, sum(count)::bigint AS count FROM count_part WHERE subject <> 'ends in' GROUP BY site, subject, value) n
LEFT JOIN now_count o USING (site, subject, value)
WHERE o.site IS NULL AND n.count > 0;
DELETE FROM now_count WHERE count = 0;

-- Of these no row is kept, and time alone adds to them: they are counted anew.
DELETE FROM now_count WHERE subject = 'records';
INSERT INTO now_count (site, subject, value, count)
SELECT 0, 'records', 'ended and not seen', count(*)
FROM judging j
JOIN records_unseen() r ON r.not_after < j.as_of + interval '1 day'           -- whatever the zone
    AND record_moment(r.not_after, coalesce((SELECT zone FROM policy_term), 'UTC')) < j.as_of
    AND r.valid_from <= j.as_of AND (r.valid_to IS NULL OR r.valid_to > j.as_of)
HAVING count(*) > 0;

CREATE TEMP TABLE ending_difference AS
SELECT value::timestamptz AS hour, sum(count)::bigint AS count FROM count_part WHERE subject = 'ends in' GROUP BY value HAVING sum(count) <> 0;
UPDATE ending_count o SET count = o.count + n.count FROM ending_difference n WHERE n.hour = o.hour;
INSERT INTO ending_count SELECT n.* FROM ending_difference n LEFT JOIN ending_count o USING (hour) WHERE o.hour IS NULL;
DELETE FROM ending_count WHERE count = 0;

CREATE TEMP TABLE owner_difference AS
SELECT owner_key, max(owner) AS owner,
       sum(certificates)::bigint AS certificates, sum(shared)::bigint AS shared, sum(served)::bigint AS served, sum(unmanaged)::bigint AS unmanaged,
       sum(expired)::bigint AS expired, sum(expiring)::bigint AS expiring, sum(critical)::bigint AS critical, sum(high)::bigint AS high,
       sum(medium)::bigint AS medium, sum(low)::bigint AS low, sum(info)::bigint AS info, sum(places)::bigint AS places,
       sum(urgent)::bigint AS urgent, sum(lasting)::bigint AS lasting, sum(automatic)::bigint AS automatic, sum(presumed)::bigint AS presumed, sum(by_hand)::bigint AS by_hand,
       sum(renewed)::bigint AS renewed, sum(a_year)::bigint AS a_year, sum(a_year_398)::bigint AS a_year_398, sum(a_year_200)::bigint AS a_year_200,
       sum(a_year_100)::bigint AS a_year_100, sum(a_year_47)::bigint AS a_year_47, sum(by_hand_47)::bigint AS by_hand_47,
       sum(due_overdue)::bigint AS due_overdue, sum(due_week)::bigint AS due_week, sum(due_month)::bigint AS due_month,
       sum(due_two_months)::bigint AS due_two_months, sum(due_three_months)::bigint AS due_three_months
FROM owner_part GROUP BY owner_key
HAVING (sum(certificates), sum(shared), sum(served), sum(unmanaged), sum(expired), sum(expiring), sum(critical), sum(high), sum(medium), sum(low), sum(info),
        sum(places), sum(urgent), sum(lasting), sum(automatic), sum(presumed), sum(by_hand), sum(renewed), sum(a_year), sum(a_year_398), sum(a_year_200),
        sum(a_year_100), sum(a_year_47), sum(by_hand_47), sum(due_overdue), sum(due_week), sum(due_month), sum(due_two_months), sum(due_three_months))
       <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
UPDATE owner_count o
SET certificates = o.certificates + n.certificates, shared = o.shared + n.shared, served = o.served + n.served, unmanaged = o.unmanaged + n.unmanaged,
    expired = o.expired + n.expired, expiring = o.expiring + n.expiring, critical = o.critical + n.critical, high = o.high + n.high,
    medium = o.medium + n.medium, low = o.low + n.low, info = o.info + n.info, places = o.places + n.places, urgent = o.urgent + n.urgent,
    lasting = o.lasting + n.lasting, automatic = o.automatic + n.automatic, presumed = o.presumed + n.presumed,
        by_hand = o.by_hand + n.by_hand, renewed = o.renewed + n.renewed,
    a_year = o.a_year + n.a_year, a_year_398 = o.a_year_398 + n.a_year_398, a_year_200 = o.a_year_200 + n.a_year_200,
    a_year_100 = o.a_year_100 + n.a_year_100, a_year_47 = o.a_year_47 + n.a_year_47, by_hand_47 = o.by_hand_47 + n.by_hand_47,
    due_overdue = o.due_overdue + n.due_overdue, due_week = o.due_week + n.due_week, due_month = o.due_month + n.due_month,
    due_two_months = o.due_two_months + n.due_two_months, due_three_months = o.due_three_months + n.due_three_months
FROM owner_difference n WHERE n.owner_key = o.owner_key;
INSERT INTO owner_count (owner_key, owner, certificates, shared, served, unmanaged, expired, expiring, critical, high, medium, low, info, places, urgent, lasting, automatic,
                         presumed, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47, due_overdue, due_week, due_month,
                         due_two_months, due_three_months)
SELECT n.owner_key, n.owner, n.certificates, n.shared, n.served, n.unmanaged, n.expired, n.expiring, n.critical, n.high, n.medium, n.low,
    n.info, n.places, n.urgent, n.lasting,
       n.automatic, n.presumed, n.by_hand, n.renewed, n.a_year, n.a_year_398, n.a_year_200, n.a_year_100, n.a_year_47, n.by_hand_47, n.due_overdue, n.due_week,
       n.due_month, n.due_two_months, n.due_three_months
FROM owner_difference n WHERE NOT EXISTS (SELECT FROM owner_count o WHERE o.owner_key = n.owner_key);
DELETE FROM owner_count WHERE certificates = 0 AND places = 0 AND urgent = 0 AND lasting = 0 AND due_overdue + due_week + due_month + due_two_months + due_three_months = 0;
-- A program of before 0205 whose session was open during the upgrade adds owners without a name, and does not count what is urgent.
-- (Without such a row no more is read than owner_count.)
UPDATE owner_count o SET owner = k.owner, urgent = k.urgent
FROM (SELECT b.owner, count(n.certificate) AS urgent
      FROM owner_basis b LEFT JOIN certificate_now n ON n.owner_basis = b.id AND NOT is_of_several(b.evidence)
          AND is_urgent(n.is_leaf, n.severity_rank, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
      WHERE EXISTS (SELECT FROM owner_count WHERE owner IS NULL AND owner_key <> '00000000-0000-0000-0000-000000000000')
        AND md5(b.owner)::uuid IN (SELECT owner_key FROM owner_count WHERE owner IS NULL)
      GROUP BY b.owner) k
WHERE o.owner_key = md5(k.owner)::uuid AND o.owner IS NULL
