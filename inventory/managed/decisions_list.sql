-- What has been decided? $1 with what is over or taken back (true). These columns are those that an import reads; last_day is for people, in the
-- zone in which they mean days.
SELECT d.id AS decision, d.kind, encode(d.sha256, 'hex') AS sha256, n.name, d.reason, d.who, moment_text(d.made_at) AS made_at,
       decision_last_day(d.until) AS last_day, moment_text(d.until) AS until, f.text AS filter, s.name AS source,
       encode(d.record_key, 'hex') AS record_key,
       d.inherited_from, d.rule, moment_text(d.undone_at) AS undone_at, d.undone_by,
       d.undone_reason
FROM decision d
LEFT JOIN decision_filter f ON f.id = d.filter
LEFT JOIN managed_source s ON s.id = d.source
LEFT JOIN certificate c ON c.sha256 = d.sha256
LEFT JOIN certificate_now n ON n.certificate = c.id
WHERE $1::boolean OR (d.undone_at IS NULL AND (d.until IS NULL OR d.until > now()))
ORDER BY d.id
