-- The moment that a day without an hour means: its end in the zone of the policy in use; of today, which has not ended, now. $1 the day. Column:
-- microseconds since 1970.
SELECT (extract(epoch FROM CASE WHEN $1::date = (now() AT TIME ZONE z.zone)::date THEN now()
                                ELSE ($1::date + 1)::timestamp AT TIME ZONE z.zone - interval '1 microsecond' END) * 1000000)::bigint
FROM (SELECT zone_meant() AS zone) z
