-- Empties the table of named groups before it is filled again.
DELETE FROM named_group
