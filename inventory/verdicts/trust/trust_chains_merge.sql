-- Stores faults, removes these chains from the pending list, and marks leaves of faulty chains to be judged again.
ANALYZE chain_new;
INSERT INTO chain_fault SELECT chain, fault, position, certificate FROM chain_new WHERE fault IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO chain_end
SELECT n.chain, n.certificate, n.is_self_signed FROM chain_new n LEFT JOIN chain_end e ON e.chain = n.chain
WHERE n.fault IS NULL AND e.chain IS NULL;
INSERT INTO dirty SELECT DISTINCT 1, c.leaf FROM chain_new n JOIN chain c ON c.id = n.chain WHERE n.fault IS NOT NULL;
DELETE FROM chain_pending p USING chain_new n WHERE n.chain = p.chain AND n.fault IS NULL;
