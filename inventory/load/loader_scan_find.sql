-- Does the database have this scan with the same head as the bundle? Parameters as in loader_scan_add.
-- Columns: id; same (t or f): site, kind, space, key, size, shards; site's id
SELECT scan.id,
       site.name = $2 AND kind = $3::smallint AND space = $6 AND permutation_key = $7::bytea
           AND space_size = $8::bigint AND shard_count = $9::bigint,
       scan.site
FROM scan JOIN site ON site.id = scan.site
WHERE scan_id = $1::uuid AND ($4::timestamptz IS NOT NULL OR $5::text IS NOT NULL)
