-- An owner that is really called "none", of whom something is here. Column: as it is spelled.
SELECT owner FROM owner_count WHERE lower(owner) = 'none' LIMIT 1
