-- title: Issuer and serial number of a managed certificate, and another key
-- version: 2
-- severity: critical
-- applies to: any
-- needs: managed
-- source: RFC 5280, 4.1.2.2: a CA gives each serial number once
-- next step: Find out today who runs this place: somebody poses as the managed certificate, or its CA gave one number twice.
-- Only serial numbers of 64 bits and more (record_conflict). Critical where the known key of the issuer's name has not signed this one
-- (an impostor), or has signed both (the CA's fault). Two CA keys of one name, as appliances have, are information.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R12', c.certificate, CASE WHEN c.is_misnamed OR twice.certificate IS NOT NULL THEN 'critical' ELSE 'info' END,
       jsonb_build_object('record', r.file || ':' || r.line,
           'reason', CASE WHEN c.is_misnamed THEN 'the key of its issuer has not signed it'
                          WHEN twice.certificate IS NOT NULL THEN 'one key of its issuer has signed both'
                          ELSE 'its issuer''s name has several keys, or none that is known' END,
           'other', encode(twice.sha256, 'hex'))
FROM record_conflict c
JOIN managed_record r ON r.id = c.record
JOIN known own ON own.certificate = c.certificate
LEFT JOIN edge e ON e.child = c.certificate
LEFT JOIN LATERAL (
    SELECT o.id AS certificate, o.sha256
    FROM (SELECT m.certificate FROM match_now m WHERE m.record = c.record AND m.is_counted
          UNION SELECT g.id FROM certificate g WHERE g.sha256 = r.sha256
          UNION SELECT s.certificate FROM same_serial s
                WHERE s.record = c.record AND s.is_named_issuer AND NOT s.is_another AND s.spki_key <> own.spki_key) known_as
    JOIN edge x ON x.child = known_as.certificate AND x.authority = e.authority
    JOIN certificate o ON o.id = known_as.certificate
    WHERE o.id <> c.certificate
    ORDER BY o.id LIMIT 1) twice ON true
WHERE c.kind = 'impostor'
