-- Who gets a letter: everybody who has a certificate here, most urgent first once the numbers are there. Columns: owner ('' nobody),
-- contacts.
SELECT p.owner, array_to_string((SELECT o.contacts FROM owner_basis o WHERE o.id = min(p.basis)), ', ')
FROM document_place p WHERE p.endpoint <> 0 GROUP BY p.owner ORDER BY p.owner = '', p.owner
