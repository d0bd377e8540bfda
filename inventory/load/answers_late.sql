-- The endpoints of late answers are made anew from all that is known of them.
INSERT INTO recompute SELECT DISTINCT endpoint FROM in_explicit WHERE is_late
ON CONFLICT DO NOTHING
