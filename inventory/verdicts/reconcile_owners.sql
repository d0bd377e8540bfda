-- Gives the lines that owner_match.sql found, and the owners that managed records name, their rows of owner_basis. The owner or department
-- of a managed record is a line of its own rank, after all others unless the rule book places it elsewhere. Of the records that match a
-- certificate, the best one that names an owner. Owners that differ only in case are one owner: spelled as the rules have it, else as the
-- record that was imported first.
CREATE TEMP TABLE owner_record AS
WITH named AS MATERIALIZED (
    SELECT m.certificate, r.*, coalesce(r.owner, r.department) AS given
    FROM (SELECT DISTINCT ON (certificate) certificate, record FROM record_match WHERE has_owner
          ORDER BY certificate, step, record) m
    JOIN managed_record r ON r.id = m.record
    UNION ALL
    SELECT -r.id, r.*, coalesce(r.owner, r.department)
    FROM owner_asked_record a JOIN managed_record r ON r.id = a.record WHERE coalesce(r.owner, r.department) <> ''
), first AS (
    SELECT DISTINCT ON (lower(coalesce(r.owner, r.department))) lower(coalesce(r.owner, r.department)) AS folded, coalesce(r.owner, r.department) AS owner
    FROM managed_record r
    WHERE EXISTS (SELECT FROM named) AND lower(coalesce(r.owner, r.department)) IN (SELECT lower(given) FROM named)
    ORDER BY 1, r.id
)
SELECT r.certificate, n.owner, r.contacts, r.environment, 'managed record ' || r.file || ':' || r.line AS evidence,
       md5(concat_ws(E'\x1f', 'record', n.owner, r.contacts::text, coalesce(r.environment, ''), r.file, r.line))::uuid AS key
FROM named r
LEFT JOIN (SELECT lower(owner) AS folded, min(owner COLLATE "C") AS owner FROM owner_rule_now GROUP BY 1) b ON b.folded = lower(r.given)
JOIN first ON first.folded = lower(r.given)
CROSS JOIN LATERAL (SELECT coalesce(b.owner, first.owner) AS owner) n;

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
