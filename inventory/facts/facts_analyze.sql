-- Updates the planner's statistics after many new rows.
ANALYZE certificate_own, certificate_name, profile, public_key, key_weakness
