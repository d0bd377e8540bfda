-- title: No owner, or too few contacts
-- version: 1
-- severity: medium
-- applies to: any
-- source: NIST SP 1800-16B (owners); policy: contacts_minimum, contacts_list_suffices
-- next step: Name the owner in the rule book (certsweep owners import FILE), or add contacts to the record in the CA's account.
-- Without a rule book and without owners in records, contacts cannot be expected. Contacts are looked at once per owner.
WITH basis AS (
    SELECT b.id, b.owner, cardinality(b.contacts) AS contacts, t.contacts_minimum AS minimum,
           cardinality(b.contacts) < t.contacts_minimum
           AND NOT (t.contacts_list_suffices AND EXISTS (SELECT FROM unnest(b.contacts) c
                    WHERE c ~* '(^|[-_.+])(list|team|group|grp|dl|all|admins?|certs?|certificates?|support|noc|soc|helpdesk|services?)([-_.+]|@)'))
               AS is_short
    FROM policy_term t CROSS JOIN owner_basis b
), place_owner AS (
    SELECT e.certificate, count(b.id) AS owned, min(b.id) FILTER (WHERE b.is_short) AS short
    FROM subject s JOIN endpoint_judged e USING (certificate) LEFT JOIN basis b ON b.id = e.owner_basis
    WHERE s.is_served
    GROUP BY e.certificate)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R07', p.certificate, 'medium',
       CASE WHEN p.owned = 0 THEN jsonb_build_object('reason', 'no owner')
            ELSE jsonb_build_object('reason', 'too few contacts', 'owner', b.owner, 'contacts', b.contacts, 'minimum', b.minimum) END
FROM place_owner p LEFT JOIN basis b ON b.id = p.short
WHERE EXISTS (SELECT FROM owner_basis) AND (p.owned = 0 OR p.short IS NOT NULL)
