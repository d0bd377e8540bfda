-- What stood open by that day began when it was found, not on that day: its day to act by counts from there.
ANALYZE finding;
UPDATE finding f
SET since = b.since
FROM (SELECT b.certificate, b.endpoint, b.rule, min(b.since) AS since
      FROM judging j JOIN finding_began b ON b.since < j.as_of AND b.until > j.as_of
      GROUP BY b.certificate, b.endpoint, b.rule) b
WHERE b.certificate = f.certificate AND b.endpoint = f.endpoint AND b.rule = f.rule
