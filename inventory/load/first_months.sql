-- Creates the partitions of their months.
SELECT observation_month_make(month::date)
FROM (SELECT DISTINCT date_trunc('month', time) AS month FROM in_first WHERE time > '1900-01-01') m
