-- Certificates of each owner: managed, unmanaged, not judged, all; most first.
SELECT owner, count(*) FILTER (WHERE record = 'managed'), count(*) FILTER (WHERE record = 'unmanaged'),
       count(*) FILTER (WHERE record = 'not judged'), count(*)
FROM document_certificate
GROUP BY owner
ORDER BY 5 DESC, owner
