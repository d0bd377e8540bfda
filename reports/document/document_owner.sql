-- The owner $1 as the inventory spells it now; as it was asked for where several differ by case alone. Spellings of earlier rules are kept, too,
-- and come last: nothing is theirs. Columns: owner, whether these are several together, and no single one is called so.
SELECT s.owner, s.is_several
FROM (SELECT owner, bool_and(is_of_several(evidence)) AS is_several FROM owner_basis WHERE lower(owner) = lower($1) GROUP BY owner) s
ORDER BY NOT (EXISTS (SELECT FROM owner_basis b JOIN certificate_now n ON n.owner_basis = b.id WHERE lower(b.owner) = lower($1) AND b.owner = s.owner)
              OR EXISTS (SELECT FROM owner_basis b JOIN endpoint_judged j ON j.owner_basis = b.id WHERE lower(b.owner) = lower($1) AND b.owner = s.owner)),
         s.owner <> $1, s.owner
LIMIT 1
