-- Columns in the order of span_copy().
COPY in_span (source, held, scan, from_at, closed_at, missed, several, is_last, settled, tracked) FROM STDIN
