-- Certificates of each owner: managed (or accepted or ignored by a decision), unmanaged, not judged, all, of several owners (1 or 0); most first.
SELECT c.owner, count(*) FILTER (WHERE c.record IN ('managed', 'accepted', 'ignored')), count(*) FILTER (WHERE c.record = 'unmanaged'),
       count(*) FILTER (WHERE c.record = 'not judged'), count(*), bool_or(is_of_several(b.evidence))::integer
FROM document_certificate c
LEFT JOIN owner_basis b ON b.id = c.basis
GROUP BY c.owner
ORDER BY 5 DESC, c.owner
