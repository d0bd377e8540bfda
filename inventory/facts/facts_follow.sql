-- Certificates that this transaction adds are not queued for facts, which it computes itself.
SET LOCAL certsweep.facts = 'follow'
