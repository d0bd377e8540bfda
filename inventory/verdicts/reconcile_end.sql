-- Removes from the list (dirty) the entries in this run's snapshot; later ones stay.
DELETE FROM dirty
