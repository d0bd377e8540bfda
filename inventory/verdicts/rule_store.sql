-- Stores a rule of this program: id, version, title, severity, source, next step, kinds ("server, unknown"), needs, is_of_places.
INSERT INTO rule (id, version, title, severity, source, next_step, kinds, needs, is_of_places)
VALUES ($1, $2::integer, $3, $4, $5, $6, string_to_array($7, ', '), coalesce($8, ''), $9::boolean)
ON CONFLICT (id) DO UPDATE
SET version = excluded.version, title = excluded.title, severity = excluded.severity, source = excluded.source,
    next_step = excluded.next_step, kinds = excluded.kinds, needs = excluded.needs, is_of_places = excluded.is_of_places
