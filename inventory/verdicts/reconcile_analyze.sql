-- Updates the planner's statistics for the run's last statements, and for reports right after it. (A table of one row that was never
-- analyzed counts as one of thousands.)
SET LOCAL default_statistics_target = 100;
SELECT statistics_renew(ARRAY['certificate_now', 'endpoint_judged', 'finding', 'policy', 'policy_use']::regclass[]);
SET LOCAL default_statistics_target = 20
