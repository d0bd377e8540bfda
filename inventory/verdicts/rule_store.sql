-- Stores a rule of this program: id, version, title, severity, source, next step.
INSERT INTO rule (id, version, title, severity, source, next_step)
VALUES ($1, $2::integer, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE
SET version = excluded.version, title = excluded.title, severity = excluded.severity, source = excluded.source,
    next_step = excluded.next_step
