-- What follows from edges that are new or were tried again. Marks children that have one now to be judged again.
UPDATE authority_certificate c SET issuer = n.authority FROM edge_new n WHERE c.certificate = n.child AND n.authority IS NOT NULL;
INSERT INTO dirty SELECT 1, child FROM edge_new WHERE authority IS NOT NULL;
-- If a chain ends there, the certificates missing from it may change. These are few, since a new leaf's chain is
-- still pending.
INSERT INTO edge_ended SELECT c.chain FROM edge_new n JOIN chain_end c ON c.certificate = n.child WHERE n.authority IS NOT NULL;
ANALYZE edge_ended;
INSERT INTO dirty SELECT 2, s.endpoint FROM edge_ended c JOIN answer_span s ON s.chain = c.chain;
-- Below an anchored authority a new CA gets paths, and name constraints may apply to a leaf.
UPDATE trust_state SET paths_are_old = true
WHERE EXISTS (SELECT FROM edge_new n JOIN authority_certificate c ON c.certificate = n.child JOIN authority a ON a.id = n.authority
              WHERE a.is_anchored);
INSERT INTO name_pending SELECT n.child, k.ca FROM edge_new n JOIN name_check k ON k.authority = n.authority ON CONFLICT DO NOTHING;
