-- Certificates of each owner: managed (or accepted or ignored by a decision), unmanaged, not judged, all; most first.
SELECT owner, count(*) FILTER (WHERE record IN ('managed', 'accepted', 'ignored')), count(*) FILTER (WHERE record = 'unmanaged'),
       count(*) FILTER (WHERE record = 'not judged'), count(*)
FROM document_certificate
GROUP BY owner
ORDER BY 5 DESC, owner
