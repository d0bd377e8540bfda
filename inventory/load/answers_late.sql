-- Marks the endpoints of late answers to be recomputed from all stored answers.
INSERT INTO recompute SELECT DISTINCT endpoint FROM in_full WHERE is_late
ON CONFLICT DO NOTHING
