-- Drops the temporary tables of a load: each transaction that uses any temporary table would go on to empty them.
DROP TABLE IF EXISTS pg_temp.in_der, pg_temp.in_hash, pg_temp.in_answer, pg_temp.in_endpoint, pg_temp.in_class, pg_temp.in_first,
    pg_temp.in_explicit, pg_temp.in_full, pg_temp.in_changed, pg_temp.in_evidence, pg_temp.in_span, pg_temp.in_dropped, pg_temp.in_now,
    pg_temp.in_sighting, pg_temp.in_posture, pg_temp.in_posture_same, pg_temp.in_name, pg_temp.in_counter, pg_temp.in_block,
    pg_temp.in_quiet
