-- Certificates of each owner: managed (or accepted or ignored by a decision), unmanaged, not judged, all, of these of several owners; first all of them
-- together (owner NULL), each once, then most first. A certificate counts at each owner that has a place or a file of it here.
WITH held AS MATERIALIZED (
    SELECT c.certificate, c.owner, c.record, is_of_several(b.evidence) AS is_shared FROM document_certificate c LEFT JOIN owner_basis b ON b.id = c.basis
), placed AS MATERIALIZED (
    SELECT DISTINCT p.certificate, p.owner FROM document_place p
    WHERE (p.endpoint <> 0 OR p.file IS NOT NULL) AND NOT p.is_key AND p.owner <> ''
      AND p.certificate IN (SELECT certificate FROM held WHERE is_shared)
), counted AS (
    SELECT true AS is_total, NULL AS owner, h.record, h.is_shared FROM held h
    UNION ALL
    SELECT false, CASE WHEN h.is_shared THEN coalesce(p.owner, '') ELSE h.owner END, h.record, h.is_shared
    FROM held h LEFT JOIN placed p ON h.is_shared AND p.certificate = h.certificate
)
SELECT c.owner, count(*) FILTER (WHERE c.record IN ('managed', 'accepted', 'ignored')), count(*) FILTER (WHERE c.record = 'unmanaged'),
       count(*) FILTER (WHERE c.record = 'not judged'), count(*), count(*) FILTER (WHERE c.is_shared)
FROM counted c
GROUP BY c.is_total, c.owner
ORDER BY c.is_total DESC, 5 DESC, c.owner
