-- What this transaction adds to `certificate` needs not wait for its facts: they follow in it.
SET LOCAL certsweep.facts = 'follow'
