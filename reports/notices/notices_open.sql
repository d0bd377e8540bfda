-- What is to be sent now: waiting, or failed before. Columns: contact, key, step, owner, name, valid until, act by, days left until
-- that, places, next step (in an owner's words: an owner has none of our commands), who is told as a contact, when last (NULL: not before
-- now), state, attempts, the zone of these days, whether it is a record whose certificate nobody has seen, SHA-256 (NULL: none is told). What is
-- escalated comes last. $1 whom an owner tells, NULL: the sender.
SELECT t.contact, encode(t.sha256, 'hex'), t.step, t.owner, coalesce(n.name, u.name, encode(t.sha256, 'hex')),
       (coalesce(n.not_after, u.not_after) AT TIME ZONE z.zone)::date,
       due.act_by, due.act_by - r.today AS days,
       coalesce(CASE WHEN n.certificate IS NULL THEN record_places(u.record) END, (SELECT string_agg(p.place, ', ' ORDER BY p.place) FROM (
            SELECT place_text(e.address, e.port, e.server_name) AS place
            FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint WHERE j.certificate = n.certificate LIMIT 6) p)) AS places,
       coalesce(own.words, step_in_zone(s.axes_what, n.not_after, z.zone)
                || coalesce(' (it lies in ' || filed.files || ')', ''), step_in_zone(u.what, u.not_after, z.zone),
                    'Renew it and install the new one.'),
       told.contacts, told.day, t.state, t.attempts, z.zone, n.certificate IS NULL AND u.record IS NOT NULL,
       CASE WHEN n.certificate IS NOT NULL OR u.record IS NULL THEN encode(t.sha256, 'hex') ELSE encode(u.sha256, 'hex') END
FROM notice t
CROSS JOIN due_setting z
CROSS JOIN report_today r
LEFT JOIN certificate c ON c.sha256 = t.sha256
LEFT JOIN certificate_now n ON n.certificate = c.id
LEFT JOIN next_step s ON s.certificate = n.certificate
LEFT JOIN (SELECT DISTINCT ON (key) * FROM unseen_record ORDER BY key, record) u ON u.key = t.sha256
LEFT JOIN owner_basis o ON o.id = coalesce(n.owner_basis, u.owner_basis)
LEFT JOIN LATERAL (
    SELECT string_agg(b.contact, ', ' ORDER BY array_position(o.contacts, b.contact), b.contact COLLATE "C") AS contacts, max(b.day) AS day
    FROM (SELECT b.contact, max(b.tried_at AT TIME ZONE z.zone) FILTER (WHERE b.state = 'sent')::date AS day FROM notice b
          WHERE t.step = 'escalated' AND b.sha256 = t.sha256 AND b.step <> 'escalated' GROUP BY b.contact) b) told ON true
-- what is revoked and still served is due earlier
CROSS JOIN LATERAL (SELECT least(n.safe_until, CASE WHEN n.certificate IS NULL THEN u.ask_by END, CASE WHEN s.action = 'replace today'
                                 THEN (s.axes_by AT TIME ZONE 'UTC')::date END) AS act_by) due
LEFT JOIN LATERAL (
    SELECT string_agg(f.file, ', ' ORDER BY f.file) AS files
    FROM (SELECT file_place_text(p.host, p.path, p.inside) AS file FROM file_judged j JOIN file_place p ON p.id = j.place
          WHERE n.place_count = 0 AND j.certificate = n.certificate LIMIT 6) f) filed ON true
CROSS JOIN LATERAL (
    SELECT CASE s.action
               WHEN 'link' THEN 'Renew it, or tell ' || a.whom || ' which order or request it came from: it is not certain which record is its own'
               WHEN 'import' THEN 'Renew it, or tell ' || a.whom || ' who renews it: nobody has said yet what is managed'
               WHEN 'manage' THEN CASE WHEN strpos(s.axes_what, 'certsweep ') > 0
                   THEN 'Renew it, or say that it is not needed, and tell ' || a.whom || ' who manages it: it is in no list of managed certificates' END END AS words
    FROM (SELECT coalesce($1::text, 'the sender') AS whom) a) own
WHERE t.state IN ('waiting', 'failed')
ORDER BY t.contact, t.step = 'escalated', coalesce(n.not_after, u.not_after), t.sha256, t.step
