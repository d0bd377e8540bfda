-- Column: endpoints that were taken
SELECT count(*) FROM in_changed
