-- Updates the planner's statistics for the run's last statements, and for reports right after it.
SET LOCAL default_statistics_target = 100;
SELECT statistics_renew(ARRAY['certificate_now', 'endpoint_judged', 'finding']::regclass[]);
SET LOCAL default_statistics_target = 20
