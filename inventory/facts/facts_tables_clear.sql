-- Empties the tables of a batch for its next part.
TRUNCATE facts_new_profile, facts_new_key, facts_new_weakness
