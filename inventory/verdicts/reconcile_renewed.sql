-- Certificates to which another of the same names, with an earlier end, gave way in the year before: until when that is so, and since when if the
-- event is dated ahead. (Where that happened the endpoint has shown several chains.)
CREATE TEMP TABLE renewed AS
SELECT ca.leaf AS certificate, max(e.time) FILTER (WHERE e.time <= j.as_of) + interval '1 year' AS until,
       min(e.time) FILTER (WHERE e.time > j.as_of) AS ahead_at
FROM judging j
CROSS JOIN several s
JOIN event e ON e.endpoint = s.endpoint AND e.kind = 'changed' AND e.time > j.as_of - interval '366 days' AND e.time + interval '1 year' > j.as_of
JOIN chain cb ON cb.id = e.chain_before
JOIN chain ca ON ca.id = e.chain_after
JOIN certificate_own b ON b.certificate = cb.leaf
JOIN certificate_own a ON a.certificate = ca.leaf
WHERE a.name_set = b.name_set AND a.not_after > b.not_after
GROUP BY ca.leaf;
ANALYZE renewed
