-- Which certificate took another's place: an endpoint that showed the older one, and shows it no more, was later first seen with
-- a newer one of the same names, kind of key and organisation of the issuer. By this rule, twins with other keys, certificates of
-- single nodes and wildcards replace no other certificate.
ANALYZE several;
CREATE TEMP TABLE shown AS
SELECT s.endpoint, c.leaf, min(s.from_at) AS from_at, max(coalesce(s.closed_at, 'infinity')) AS to_at
FROM judging j, several e JOIN answer_span s USING (endpoint) JOIN chain c ON c.id = s.chain
WHERE s.role = 1 AND s.from_at <= j.as_of
GROUP BY s.endpoint, c.leaf;
ANALYZE shown;
CREATE TEMP TABLE shown_leaf AS
SELECT o.certificate, names_key(o.name_set) AS names_key, o.not_before, o.not_after, p.key_algorithm, p.issuer_folded,
       (SELECT lower(a) FROM unnest(p.issuer_attributes) a WHERE a LIKE 'O=%' LIMIT 1) AS organisation
FROM (SELECT DISTINCT leaf FROM shown) x
JOIN certificate_own o ON o.certificate = x.leaf
JOIN profile p ON p.id = o.profile
WHERE o.name_set <> '{}';
ANALYZE shown_leaf;
-- Where a place shows no more what it showed, since it shows a newer one of the same names.
CREATE TEMP TABLE gave_way AS
SELECT o.leaf AS older, n.leaf AS newer, n.from_at, b.not_before, n.from_at < a.not_after AS is_in_time,
       split_part(a.key_algorithm, '-', 1) = split_part(b.key_algorithm, '-', 1)
       AND coalesce(a.organisation = b.organisation, a.issuer_folded = b.issuer_folded) AS is_alike
FROM judging j, shown o
JOIN shown n ON n.endpoint = o.endpoint AND n.leaf <> o.leaf AND n.from_at > o.from_at
JOIN shown_leaf a ON a.certificate = o.leaf
JOIN shown_leaf b ON b.certificate = n.leaf AND b.names_key = a.names_key
WHERE o.to_at <= j.as_of AND b.not_before > a.not_before;
ANALYZE gave_way;
CREATE TEMP TABLE succession AS
SELECT older, newer, min(from_at) AS from_at, not_before, bool_and(is_in_time) AS is_in_time
FROM gave_way WHERE is_alike GROUP BY older, newer, not_before;
CREATE TEMP TABLE successor AS
SELECT DISTINCT ON (older) older AS certificate, newer, from_at FROM succession ORDER BY older, not_before DESC, newer;
-- Of whatever issuer and kind of key: the newest. Where no place has the older one left, that has replaced it (reconcile_certificates.sql).
CREATE TEMP TABLE taken AS
SELECT DISTINCT ON (older) older AS certificate, newer, from_at FROM gave_way ORDER BY older, not_before DESC, from_at, newer;
ANALYZE taken;
-- Automatic renewal: it followed at least two others, each before the older one's end and within three days of its own issue.
CREATE TEMP TABLE automatic AS
SELECT newer AS certificate FROM succession
GROUP BY newer HAVING count(*) >= 2 AND bool_and(is_in_time) AND min(from_at - not_before) <= interval '3 days';
ANALYZE successor; ANALYZE automatic
