-- Creates the partitions of the months of this batch.
SELECT observation_month_make(month::date)
FROM (SELECT DISTINCT date_trunc('month', time) AS month FROM in_full WHERE time > '1900-01-01') m
