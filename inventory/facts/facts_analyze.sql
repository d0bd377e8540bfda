-- Updates the planner's statistics after many new rows.
SELECT statistics_renew(ARRAY['certificate_own', 'certificate_name', 'profile', 'public_key', 'key_weakness']::regclass[])
