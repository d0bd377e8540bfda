-- $1 scan, $2 outcome, $3 positions
INSERT INTO scan_outcome AS o (scan, outcome, count) VALUES ($1, $2, $3)
ON CONFLICT (scan, outcome) DO UPDATE SET count = o.count + excluded.count
