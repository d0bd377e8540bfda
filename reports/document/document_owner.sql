-- The owner $1 as the inventory spells it now; as it was asked for where several differ by case alone. Spellings of earlier rules are kept, too,
-- and come last: nothing is theirs. Several together ("shared by A; B") are none. Column: owner.
SELECT s.owner
FROM (SELECT DISTINCT owner FROM owner_basis WHERE lower(owner) = lower($1) AND NOT is_of_several(evidence)) s
ORDER BY NOT (EXISTS (SELECT FROM owner_basis b JOIN certificate_now n ON n.owner_basis = b.id WHERE lower(b.owner) = lower($1) AND b.owner = s.owner)
              OR EXISTS (SELECT FROM owner_basis b JOIN endpoint_judged j ON j.owner_basis = b.id WHERE lower(b.owner) = lower($1)
                         AND b.owner = s.owner)
              OR EXISTS (SELECT FROM owner_basis b JOIN record_judged j ON j.owner_basis = b.id WHERE lower(b.owner) = lower($1)
                         AND b.owner = s.owner)),
         s.owner <> $1, s.owner
LIMIT 1
