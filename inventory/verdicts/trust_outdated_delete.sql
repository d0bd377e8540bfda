-- Forgets the rows of store $1 that were made with other roots than those of $2; and those that found no path while
-- another CA certificate has come to the inventory since.
DELETE FROM trust t
WHERE t.store = $1
  AND (t.store_sha256 <> $2::bytea
       OR (NOT t.found AND t.made_at < (SELECT max(f.computed_at) FROM certificate_facts f WHERE f.is_ca)))
