-- What has ended and nobody has seen is listed by its end, and counted by each run.
CREATE INDEX managed_record_end ON managed_record (not_after);
