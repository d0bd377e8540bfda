-- The rules that judged.
SELECT id, version, title, severity, source, next_step FROM rule ORDER BY id
