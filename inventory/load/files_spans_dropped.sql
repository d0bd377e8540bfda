DELETE FROM file_span s
WHERE s.place IN (SELECT place FROM in_file_span)
  AND NOT EXISTS (SELECT FROM in_file_span i WHERE i.place = s.place AND i.from_at = s.from_at)
