-- The owner $1 as the inventory spells it; as it was asked for where several differ by case alone.
SELECT owner FROM owner_basis WHERE lower(owner) = lower($1) ORDER BY owner <> $1, owner LIMIT 1
