-- The owners that get a letter: all that have a certificate here, served, in a file or only recorded, most urgent first once the numbers exist. A CA that
-- nobody owns makes none by itself: mostly it is somebody else's.
-- Columns: owner ('' none), contacts.
SELECT p.owner, array_to_string((SELECT o.contacts FROM owner_basis o WHERE o.id = min(p.basis)), ', ')
FROM document_place p
WHERE p.owner <> '' OR p.endpoint <> 0 OR p.certificate IN (SELECT certificate FROM certificate_now WHERE is_leaf)
GROUP BY p.owner ORDER BY p.owner = '', p.owner
