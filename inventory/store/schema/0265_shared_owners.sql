-- The owners of a certificate's places together are called "shared by A; B", as owners_together() has it: "A; B" read like the name of one.
UPDATE owner_basis SET owner = 'shared by ' || left(owner, 1990) WHERE evidence = 'the owners of its places';
DELETE FROM owner_known k WHERE NOT EXISTS (SELECT FROM owner_basis b WHERE lower(b.owner) = k.key);
