-- Removes from the list what this run's snapshot had; later entries stay.
DELETE FROM dirty
