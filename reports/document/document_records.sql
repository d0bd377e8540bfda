-- Fills document_record. $1 site or NULL, $2 owner, NULL all. What was delivered must be given back by its last day; once that is over, it has the
-- days of rule R04, which tells the same of certificates that are known.
INSERT INTO document_record (subject, record, name, owner, basis, issuer_name, not_after, day, return_on, key, told_by)
SELECT DISTINCT ON (u.key) -1152921504606846976 - u.record, u.record, u.name, coalesce(o.owner, ''), u.owner_basis, u.issuer, u.not_after, u.ask_by,
       CASE WHEN u.return_by >= t.today THEN least(u.return_by, u.ask_by)
            WHEN u.return_by IS NOT NULL
            THEN finding_act_by('R04', 3::smallint, greatest(u.since, (u.return_by + 1)::timestamp AT TIME ZONE s.zone), u.ask_by, NULL,
                                s.act_days, s.zone) END,
       u.key, u.told_by
FROM unseen_record u
CROSS JOIN due_setting s CROSS JOIN report_today t
LEFT JOIN owner_basis o ON o.id = u.owner_basis
WHERE ($1::text IS NULL OR u.site = (SELECT id FROM site WHERE name = $1))
  AND ($2::text IS NULL OR (lower(o.owner) = lower($2) AND o.owner = $2))
ORDER BY u.key, u.record
