-- Gives the lines that owner_match.sql found, and the owners that managed records name, their rows of owner_basis. The owner or department
-- of a managed record is a line of its own rank, after all others unless the rule book places it elsewhere.
-- Of the records that match a certificate, the best one that names an owner. Where the rules have that owner in another case, it is theirs.
CREATE TEMP TABLE owner_record AS
SELECT m.certificate, n.owner, r.contacts, r.environment, 'managed record ' || r.file || ':' || r.line AS evidence,
       md5(concat_ws(E'\x1f', 'record', n.owner, r.contacts::text, coalesce(r.environment, ''), r.file, r.line))::uuid AS key
FROM (SELECT DISTINCT ON (certificate) certificate, record FROM record_match WHERE has_owner
      ORDER BY certificate, step, record) m
JOIN managed_record r ON r.id = m.record
LEFT JOIN (SELECT lower(owner) AS folded, min(owner COLLATE "C") AS owner FROM owner_rule_now GROUP BY 1) b ON b.folded = lower(coalesce(r.owner, r.department))
CROSS JOIN LATERAL (SELECT coalesce(b.owner, r.owner, r.department) AS owner) n;

INSERT INTO owner_basis (key, owner, contacts, environment, evidence)
SELECT DISTINCT ON (n.key) n.key, n.owner, n.contacts, n.environment, n.evidence
FROM (SELECT key, owner, contacts, environment, evidence, line FROM owner_rule_now
      UNION ALL SELECT key, owner, contacts, environment, evidence, 0 FROM owner_record) n
LEFT JOIN owner_basis b USING (key)
WHERE b.key IS NULL
ORDER BY n.key, n.line;
UPDATE owner_basis b SET evidence = r.evidence
FROM (SELECT DISTINCT ON (key) key, evidence FROM owner_rule_now ORDER BY key, line) r
WHERE r.key = b.key AND r.evidence <> b.evidence;
ALTER TABLE owner_rule_now ADD basis bigint;
UPDATE owner_rule_now r SET basis = b.id FROM owner_basis b WHERE b.key = r.key;
ALTER TABLE owner_record ADD basis bigint;
UPDATE owner_record r SET basis = b.id FROM owner_basis b WHERE b.key = r.key;
ANALYZE owner_rule_now; ANALYZE owner_record;
