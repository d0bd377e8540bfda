-- Whether renewals are automatic is what records and history say: a short life alone lets one presume it. The next run counts again, over everything, and
-- reports count by themselves until then.
ALTER TABLE owner_count ADD COLUMN presumed bigint NOT NULL DEFAULT 0;
-- Automatic: the record says so, or it followed others as automation does (certificate_now.is_automatic). Presumed: it lives 100 days or less, and history does not show it
-- yet. By hand: a longer one that was seen renewed. Else it is unknown.
CREATE OR REPLACE FUNCTION renewal_way(is_automatic boolean, days float8, is_renewed boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_automatic THEN 'automatic' WHEN days <= 100 THEN 'presumed' WHEN is_renewed THEN 'by hand' ELSE 'not known' END
$$;
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what is presumed'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
