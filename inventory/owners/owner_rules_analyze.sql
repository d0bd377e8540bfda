-- Updates the planner's statistics for the new rule book, of which it knows nothing yet, for owner_rules_idle.sql.
SELECT statistics_renew(ARRAY['owner_rule']::regclass[])
