-- The leaves of a place that changed, beside its chains: `report changes` behind a night of 37,000 changes looked up as many chains twice.
-- NULL: written before this version, or no change.
ALTER TABLE event ADD COLUMN leaf_before bigint, ADD COLUMN leaf_after bigint;
