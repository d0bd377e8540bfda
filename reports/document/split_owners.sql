-- The owners that get a letter: all that have a certificate here, served or only recorded, most urgent first once the numbers exist.
-- Columns: owner ('' none), contacts.
SELECT p.owner, array_to_string((SELECT o.contacts FROM owner_basis o WHERE o.id = min(p.basis)), ', ')
FROM document_place p WHERE p.endpoint <> 0 OR p.owner <> '' GROUP BY p.owner ORDER BY p.owner = '', p.owner
