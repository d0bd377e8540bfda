-- What nobody has is the sender's to settle, by the words of the rules: theirs is the last of the letters (split_owners.sql), after those in the owners' words
-- (document_next.sql).
UPDATE document_rule d SET next_step = r.next_step FROM rule r WHERE r.id = d.id AND d.next_step <> r.next_step
