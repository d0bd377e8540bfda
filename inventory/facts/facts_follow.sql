-- This transaction computes the facts of the certificates that it adds, and gives them to trust: triggers queue neither.
SET LOCAL certsweep.facts = 'follow'
