-- Contacts of a rule book, managers included, that no notice can be sent to. $1 its import. One row, if there is any: line of the first, the
-- first, how many.
WITH contact AS (
    SELECT coalesce(r.source_line, r.line) AS line, c.contact
    FROM owner_rule r CROSS JOIN LATERAL unnest(r.contacts || r.manager_contacts) c (contact)
    WHERE r.import = $1::bigint AND NOT is_mail_address(c.contact)
)
SELECT line, contact, (SELECT count(DISTINCT contact) FROM contact) FROM contact ORDER BY line, contact LIMIT 1
