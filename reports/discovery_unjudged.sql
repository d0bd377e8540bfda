-- What could not be judged, and what would change that? $1 site or NULL. Column: a sentence.
WITH leaf AS MATERIALIZED (
    SELECT c.* FROM report_certificate c
    WHERE c.place_count > 0 AND ($1::text IS NULL OR c.certificate IN
          (SELECT p.certificate FROM report_place p WHERE p.site = $1))
)
SELECT count(*) || ' certificates are not judged as managed or unmanaged, since there is no managed source. Next: '
       'certsweep managed import --source NAME FILE' FROM leaf WHERE record = 'not judged' HAVING count(*) > 0
UNION ALL
SELECT count(*) || ' certificates are not judged by issuer, since the policy names no own CA. Next: '
       'certsweep policy use FILE' FROM leaf WHERE issuer_kind = 'not judged' HAVING count(*) > 0
UNION ALL
SELECT count(*) || ' certificates come from an issuer that no known root vouches for.'
       FROM leaf WHERE issuer_kind = 'unknown' HAVING count(*) > 0
UNION ALL
SELECT count(*) || ' certificates are, in some field, not what RFC 5280 asks for; they are kept as they were sent: '
       || string_agg(name, ', ') FROM (SELECT name FROM leaf WHERE broken <> '{}' LIMIT 20) b HAVING count(*) > 0
UNION ALL
SELECT count(*) || ' places were not asked what else they accept (versions, suites): that is untested, not good. Next: '
       'certsweep scan --depth posture' FROM (
           SELECT DISTINCT p.endpoint FROM report_place p WHERE ($1::text IS NULL OR p.site = $1)
           AND p.endpoint NOT IN (SELECT t.endpoint FROM posture t)) u HAVING count(*) > 0
UNION ALL
SELECT count(*) || ' runs are not finished: what they did not reach is not known. Next: certsweep scans'
       FROM scan s JOIN site st ON st.id = s.site
       WHERE s.finished_at IS NULL AND ($1::text IS NULL OR st.name = $1) HAVING count(*) > 0
