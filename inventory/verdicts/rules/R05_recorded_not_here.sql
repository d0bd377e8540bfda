-- title: A record's certificate is not at its place, which shows another one
-- version: 3
-- severity: low
-- applies to: any
-- needs: managed
-- source: Keyfactor: "not found"
-- next step: Correct the place in the record, or install its certificate here; if it is served nowhere, revoke it.
-- A renewal of the same names here, and one with the same key, are no other certificate: of the record's names, or, where it tells none, of those of the
-- certificate that it is about. Places that several sites have are not judged.
WITH shown AS MATERIALIZED (
    SELECT e.endpoint, e.certificate, k.spki_key, k.names_key, k.not_before, k.name
    FROM (SELECT DISTINCT endpoint FROM record_place) p JOIN new_endpoint e USING (endpoint)
    JOIN (SELECT certificate, spki_key, names_key, not_before, coalesce(common_name, other_name) AS name FROM known
          OFFSET 0) k USING (certificate)  -- not row by row
)
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'R05', p.endpoint, 'low',
       jsonb_build_object('records', jsonb_agg(DISTINCT m.file || ':' || m.line), 'shown', answers.names,
                          'expected', jsonb_agg(DISTINCT coalesce(m.common_name, m.name_set[1], m.serial_number)))
FROM judging j, record_place p
JOIN record_open r ON r.id = p.record AND r.is_held AND r.status IS DISTINCT FROM 'replaced' AND (r.type IS NULL OR r.type IN ('server', 'other'))
    AND r.id NOT IN (SELECT record FROM newer_told WHERE is_later)
JOIN managed_record m ON m.id = r.id
JOIN (SELECT endpoint, to_jsonb((array_agg(DISTINCT name))[:5]) AS names FROM shown GROUP BY endpoint) answers USING (endpoint)
LEFT JOIN (
    SELECT s.endpoint, b.record FROM shown s JOIN record_match b USING (certificate)
    UNION SELECT p.endpoint, p.record FROM record_place p JOIN record_open r ON r.id = p.record
          JOIN shown s ON s.endpoint = p.endpoint AND s.spki_key = r.spki_key
    UNION SELECT p.endpoint, p.record FROM record_place p JOIN record_open r ON r.id = p.record
          JOIN shown s ON s.endpoint = p.endpoint AND s.names_key = r.names_key AND s.not_before > r.not_before
    UNION SELECT p.endpoint, p.record FROM record_match b JOIN known o USING (certificate) JOIN record_place p ON p.record = b.record
          JOIN shown s ON s.endpoint = p.endpoint AND s.names_key = o.names_key AND s.not_before > o.not_before) here
       ON here.endpoint = p.endpoint AND here.record = p.record
WHERE here.record IS NULL AND NOT p.is_ambiguous AND (r.not_after IS NULL OR r.not_after >= j.as_of)
GROUP BY p.endpoint, answers.names
