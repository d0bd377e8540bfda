-- Whose each record is that is not where it should be, by the rules for its names and issuer, or by its own word; and its last safe day. Runs write
-- the owner of those whose certificate nobody has seen (unseen_record); what was judged before is judged again by the next run.
ALTER TABLE record_judged
    ADD COLUMN owner_basis bigint,
    ADD COLUMN safe_until date;         -- its last safe day, as that of a certificate
CREATE INDEX record_judged_owner ON record_judged (owner_basis) WHERE owner_basis IS NOT NULL;
UPDATE reconcile_run SET basis = basis || ' with owners of records'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
