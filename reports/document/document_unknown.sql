-- What could not be judged, and which command would change that? $1 site or NULL. Column: a sentence. The first is of all that was judged, the next
-- seven of all or of the whole site, the others of this document.
WITH counted AS MATERIALIZED (
    SELECT subject, value, count FROM now_count
    WHERE site = CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END
), recorded AS MATERIALIZED (
    SELECT value, count FROM counted WHERE $1::text IS NULL AND subject = 'recorded'
    UNION ALL
    SELECT j.deployment, count(*) FROM record_judged j JOIN managed_record r ON r.id = j.record JOIN site s ON s.id = r.site WHERE s.name = $1 GROUP BY j.deployment
), unjudged AS MATERIALIZED (         -- '': nothing is known of its place
    SELECT CASE WHEN j.reason LIKE 'which%' THEN 'which' ELSE coalesce(j.reason, '') END AS reason, count(*) AS count
    FROM record_judged j
    WHERE j.deployment = 'not judged'
      AND ($1::text IS NULL OR j.record IN (SELECT r.id FROM managed_record r JOIN site s ON s.id = r.site WHERE s.name = $1))
    GROUP BY 1 ORDER BY 1
), leaf AS MATERIALIZED (
    SELECT d.name FROM document_certificate d JOIN certificate_own f USING (certificate) WHERE f.broken <> '{}'
)
SELECT 'All of it was judged before ' || j.before || ': verdicts may be others by that. Next: certsweep reconcile' FROM judged_before() j (before) WHERE j.before IS NOT NULL
UNION ALL
SELECT counted_grouped(count, 'certificate') || CASE WHEN count = 1 THEN ' is' ELSE ' are' END
    || ' not judged as managed or unmanaged, since there is no managed source. Next: '
       'certsweep managed import --source NAME FILE' FROM counted WHERE subject = 'served record' AND value = 'not judged'
UNION ALL
SELECT counted_grouped(count, 'certificate') || CASE WHEN count = 1 THEN ' is' ELSE ' are' END || ' not judged by issuer, since the policy names no own CA. Next: '
       'certsweep policy use FILE' FROM counted WHERE subject = 'served issuer' AND value = 'not judged'
UNION ALL
SELECT counted_grouped(count, 'certificate') || CASE WHEN count = 1 THEN ' comes' ELSE ' come' END || ' from an issuer that no known root vouches for.'
       FROM counted WHERE subject = 'served issuer' AND value = 'unknown'
UNION ALL
SELECT counted_grouped(count, 'record') || CASE WHEN count = 1 THEN ' is not judged: ' ELSE ' are not judged: ' END
       || CASE reason WHEN 'how long ago?'
                      THEN CASE WHEN count = 1 THEN 'its place has answered, and was' ELSE 'their places have answered, and were' END
                           || ' not asked since for too long'
                      WHEN ''
                      THEN 'no scan has asked ' || CASE WHEN count = 1 THEN 'its place' ELSE 'their places' END
                           || ', as far as is known: what db prune has forgotten is not'
                      ELSE 'more than one place or certificate fits ' || CASE WHEN count = 1 THEN 'it' ELSE 'them' END END
       || '. Next: certsweep report recorded' || coalesce(' --site ' || shell_word($1), '') FROM unjudged
UNION ALL
SELECT counted_grouped(count, 'record') || CASE WHEN count = 1 THEN ' could not be placed: it names no place, and its certificate was seen nowhere'
                                                ELSE ' could not be placed: they name no place, and their certificates were seen nowhere' END
       || '. Next: certsweep report recorded' || coalesce(' --site ' || shell_word($1), '') FROM recorded WHERE value = 'not located' AND count > 0
UNION ALL
SELECT counted_grouped(count(*), 'certificate') || CASE WHEN count(*) = 1 THEN ' has' ELSE ' have' END || ' a field that violates RFC 5280, stored as it was sent: '
       || (SELECT string_agg(name, ', ') FROM (SELECT name FROM leaf ORDER BY name LIMIT 20) b) || CASE WHEN count(*) > 20 THEN ', ...' ELSE '' END
       FROM leaf HAVING count(*) > 0
UNION ALL
SELECT counted_grouped(count(*), 'place') || CASE WHEN count(*) = 1 THEN ' was not asked what else it accepts'
    ELSE ' were not asked what else they accept' END || ' (versions, suites): that is untested, not good. Next: '
       'certsweep report endpoints' || coalesce(' --site ' || shell_word($1), '') || ' --format targets | certsweep scan --depth posture'
           || coalesce(' --site ' || shell_word($1), '') || ' -' FROM (
           SELECT DISTINCT p.endpoint FROM document_place p
           WHERE p.endpoint <> 0 AND p.is_theirs AND NOT EXISTS (SELECT FROM posture t WHERE t.endpoint = p.endpoint)) u HAVING count(*) > 0
UNION ALL
SELECT counted_grouped(count(*), 'run') || CASE WHEN count(*) = 1 THEN ' is' ELSE ' are' END || ' not finished: what was not reached is not known. Next: certsweep scans'
       FROM scan s JOIN site st ON st.id = s.site
       WHERE s.finished_at IS NULL AND ($1::text IS NULL OR st.name = $1) HAVING count(*) > 0
