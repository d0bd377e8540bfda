-- What this run's snapshot saw on the list is done; what came since stays.
DELETE FROM dirty
