-- Axis record: is the certificate in the managed set? The match ladder: 1 the same DER, 2 issuer and serial number,
-- 3 the same key, 4 the same names and subject. Step 4 only suggests. The best step is kept, and which record.
INSERT INTO record_match
SELECT f.certificate, r.id, 1
FROM record_open r JOIN leaf f ON f.certificate = r.certificate
UNION ALL
SELECT f.certificate, r.id, 2
FROM record_open r JOIN certificate_facts f USING (serial_number) JOIN leaf l ON l.certificate = f.certificate
WHERE r.issuer_folded = f.issuer_folded
   OR lower(r.issuer) IN (SELECT lower(substr(a, position('=' IN a) + 1)) FROM unnest(f.issuer_attributes) a)
UNION ALL
SELECT f.certificate, r.id, 3
FROM record_open r JOIN certificate_facts f USING (spki_sha256) JOIN leaf l ON l.certificate = f.certificate
UNION ALL
SELECT f.certificate, r.id, 4
FROM record_open r JOIN certificate_facts f ON f.name_set = r.name_set JOIN leaf ON leaf.certificate = f.certificate
WHERE r.name_set <> '{}'
  AND (coalesce(r.subject_folded, f.subject_folded) = f.subject_folded OR r.common_name = lower(f.common_name));
CREATE INDEX ON record_match (certificate);
ANALYZE record_match;

INSERT INTO judged (axis, rule, rule_version, certificate, value, evidence, next_change_at)
SELECT 'record',
       CASE WHEN NOT j.has_managed THEN 'R-none' WHEN d.reason IS NOT NULL AND coalesce(m.step, 9) > 3 THEN 'R-accepted'
            ELSE coalesce((ARRAY['R-sha256', 'R-issuer-serial', 'R-key', 'R-names'])[m.step], 'R-unmatched') END,
       1, l.certificate,
       CASE WHEN m.step <= 3 THEN 'managed' WHEN d.reason IS NOT NULL THEN 'accepted'
            WHEN j.has_managed THEN 'unmanaged' ELSE 'not judged' END,
       jsonb_strip_nulls(CASE
           WHEN d.reason IS NOT NULL AND coalesce(m.step, 9) > 3 THEN
               jsonb_build_object('accepted_by', d.who, 'reason', d.reason, 'until', d.until)
           WHEN NOT j.has_managed THEN jsonb_build_object('reason', 'there is no managed source',
               'next_command', 'certsweep managed import FILE --source NAME')
           WHEN m.record IS NULL THEN jsonb_build_object('reason', 'no record of any source matches')
           ELSE jsonb_build_object('step', m.step, 'source', m.source, 'file', m.file, 'line', m.line,
               'record', m.record, 'suggestion', CASE WHEN m.step = 4
                   THEN 'a record has the same names; is this its renewal?' END) END),
       CASE WHEN coalesce(m.step, 9) > 3 THEN d.until END
FROM judging j, leaf l
LEFT JOIN (SELECT DISTINCT ON (x.certificate) x.certificate, x.record, x.step, s.name AS source, r.file, r.line
           FROM record_match x JOIN record_open r ON r.id = x.record JOIN managed_source s ON s.id = r.source
           ORDER BY x.certificate, x.step, r.not_after DESC NULLS LAST, x.record) m USING (certificate)
LEFT JOIN LATERAL (SELECT d.who, d.reason, d.until FROM decision d JOIN certificate c ON c.sha256 = d.sha256
                   WHERE c.id = l.certificate AND d.made_at <= j.as_of AND (d.until IS NULL OR d.until > j.as_of)
                   ORDER BY d.id DESC LIMIT 1) d ON true;

