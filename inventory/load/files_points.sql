INSERT INTO in_point (place, at, state, modified_at, size)
SELECT p.id, f.time, s.id, f.modified_at, f.size
FROM in_file f
JOIN file_place p ON p.key = f.key
JOIN file_state s ON s.hash = f.hash
