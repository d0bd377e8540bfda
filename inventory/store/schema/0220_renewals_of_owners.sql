-- What each owner will renew is kept in the owner's row as sums, so that a list of fifty thousand owners sums over nothing but the page's total.
-- Sums of fractions would drift with each run; renewals a year are kept in millionths, which are whole numbers.

-- Millionths of a renewal a year of a certificate that lives as many days, where none may live longer than the limit.
CREATE FUNCTION renewals_a_year(days float8, most_days float8) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(365e6 / least(days, most_days))::bigint
$$;

ALTER TABLE owner_count
    ADD COLUMN lasting bigint NOT NULL DEFAULT 0,           -- leaves that have not ended; so are all below
    ADD COLUMN automatic bigint NOT NULL DEFAULT 0,         -- renewal_way()
    ADD COLUMN by_hand bigint NOT NULL DEFAULT 0,
    ADD COLUMN renewed bigint NOT NULL DEFAULT 0,           -- is_renewed
    ADD COLUMN a_year bigint NOT NULL DEFAULT 0,            -- renewals_a_year(), of any length of life
    ADD COLUMN a_year_398 bigint NOT NULL DEFAULT 0,        -- and where they may live 398 days
    ADD COLUMN a_year_200 bigint NOT NULL DEFAULT 0,
    ADD COLUMN a_year_100 bigint NOT NULL DEFAULT 0,
    ADD COLUMN a_year_47 bigint NOT NULL DEFAULT 0,
    ADD COLUMN by_hand_47 bigint NOT NULL DEFAULT 0;        -- of these, what is not known to be automatic
UPDATE owner_count o
SET lasting = n.lasting, automatic = n.automatic, by_hand = n.by_hand, renewed = n.renewed, a_year = n.a_year, a_year_398 = n.a_year_398,
    a_year_200 = n.a_year_200, a_year_100 = n.a_year_100, a_year_47 = n.a_year_47, by_hand_47 = n.by_hand_47
FROM (SELECT owner_key, sum(count) AS lasting, coalesce(sum(count) FILTER (WHERE way = 'automatic'), 0) AS automatic,
             coalesce(sum(count) FILTER (WHERE way = 'by hand'), 0) AS by_hand, sum(renewed) AS renewed,
             sum(count * renewals_a_year(days, 'infinity')) AS a_year, sum(count * renewals_a_year(days, 398)) AS a_year_398,
             sum(count * renewals_a_year(days, 200)) AS a_year_200, sum(count * renewals_a_year(days, 100)) AS a_year_100,
             sum(count * renewals_a_year(days, 47)) AS a_year_47,
             coalesce(sum(count * renewals_a_year(days, 47)) FILTER (WHERE way <> 'automatic'), 0) AS by_hand_47
      FROM owner_renewal_count GROUP BY owner_key) n
WHERE n.owner_key = o.owner_key;
DROP TABLE owner_renewal_count;
CREATE INDEX owner_count_renewals ON owner_count (a_year_47 DESC, owner) WHERE lasting > 0;
