-- $1 scan
INSERT INTO scan_counter AS c (scan, name, value)
SELECT $1, name, sum(value) FROM in_counter GROUP BY name
ON CONFLICT (scan, name) DO UPDATE SET value = c.value + excluded.value
