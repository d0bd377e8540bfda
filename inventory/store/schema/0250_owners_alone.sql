-- Each owner's numbers are of all that is theirs, what they share included, and no row is of several together ("A; B"): the next run counts them again, over
-- everything, and reports count by themselves until then.
ALTER TABLE owner_count ADD COLUMN shared bigint NOT NULL DEFAULT 0;       -- of the certificates, those that have other owners, too
ALTER TABLE owner_basis ADD COLUMN members text[];                          -- of several owners together: each of them
CREATE INDEX owner_basis_members ON owner_basis USING gin (members) WHERE members IS NOT NULL;
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what each owner has'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
