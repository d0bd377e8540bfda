-- Stores what came of trying children again.
UPDATE edge e
SET authority = coalesce(n.authority, e.authority), tried_to = n.tried_to, tries = n.tries, untried = n.untried
FROM edge_new n
WHERE n.child = e.child AND (e.authority, e.tried_to, e.tries) IS DISTINCT FROM (n.authority, n.tried_to, n.tries)
