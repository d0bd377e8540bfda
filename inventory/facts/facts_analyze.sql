-- So many rows are new that the planner's idea of these tables is old.
ANALYZE certificate_own, certificate_name, profile, public_key, key_weakness
