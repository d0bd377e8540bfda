-- For a statement that looks a few subjects up by their keys: joins by sorting or hashing whole tables are not even considered, as a new
-- session plans such a statement much longer than it runs it.
SET enable_mergejoin = off; SET enable_hashjoin = off; SET enable_material = off; SET enable_memoize = off
