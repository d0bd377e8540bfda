-- A folded name ("cn=agency ca,o=agency") as its attributes, and its common name; NULL: it has none. Exports name issuers by a part of the name.
CREATE FUNCTION name_parts(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_split_to_array(folded, ',(?=[a-z0-9.]+=)')
$$;
CREATE FUNCTION name_common(folded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT a FROM unnest(name_parts(folded)) a WHERE a LIKE 'cn=%' LIMIT 1
$$;
-- The next run matches again, over everything.
UPDATE reconcile_run SET basis = basis || ' with parts of issuers'' names'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
