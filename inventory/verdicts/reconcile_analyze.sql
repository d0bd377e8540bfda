-- Updates the planner's statistics for the run's last statements, and for reports right after it.
SET LOCAL default_statistics_target = 100;
ANALYZE certificate_now, endpoint_judged, finding;
SET LOCAL default_statistics_target = 20
