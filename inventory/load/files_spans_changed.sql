INSERT INTO file_span AS s (place, from_at, to_at, state, modified_at)
SELECT place, from_at, to_at, state, modified_at FROM in_file_span
ON CONFLICT (place, from_at) DO UPDATE SET to_at = excluded.to_at, state = excluded.state, modified_at = excluded.modified_at
WHERE (s.to_at, s.state, s.modified_at) IS DISTINCT FROM (excluded.to_at, excluded.state, excluded.modified_at)
