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
), short AS MATERIALIZED (
    SELECT id, owner, contacts, minimum FROM basis WHERE is_short
), faulty AS (
    SELECT p.certificate, NULL::bigint AS short
    FROM placed p JOIN subject s USING (certificate)
    WHERE p.place_count > 0 AND p.is_served_by_nobody AND s.is_served
    UNION ALL
    SELECT e.certificate, min(b.id)
    FROM short b JOIN endpoint_judged e ON e.owner_basis = b.id JOIN subject s USING (certificate)
    WHERE s.is_served AND EXISTS (SELECT FROM short)
    GROUP BY e.certificate)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R07', p.certificate, 'medium',
       CASE WHEN p.short IS NULL THEN jsonb_build_object('reason', 'no owner')
            ELSE jsonb_build_object('reason', 'too few contacts', 'owner', b.owner, 'contacts', b.contacts, 'minimum', b.minimum) END
FROM faulty p LEFT JOIN short b ON b.id = p.short
WHERE EXISTS (SELECT FROM owner_basis)
