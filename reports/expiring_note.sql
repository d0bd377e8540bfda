-- How many records end within 30 days whose certificate was not seen at its place, and not replaced, so that no row above need be theirs. (The
-- second after their end: record_judged.next_change_at.) Column: a sentence.
SELECT counted(count(*), 'record') || ' of what was not seen at its place ' || CASE WHEN count(*) = 1 THEN 'ends' ELSE 'end' END
       || ' within 30 days: certsweep report recorded --within 30'
FROM report_as_of r JOIN record_judged j ON j.next_change_at > r.as_of AND j.next_change_at <= r.as_of + interval '30 days' AND j.deployment <> 'replaced'
HAVING count(*) > 0
