-- Which answers of the batch are unchanged, which are late, and which are new? $1 scan. Unchanged: the digest is that of the answer
-- that holds. Late: not after the time up to which another scan has been loaded, or an earlier batch has another answer to the
-- same hello in this scan. An endpoint that is not known yet: NULL, with its key and its handle in the bundle.
INSERT INTO in_class (row, endpoint, variant, time, is_same, is_late, is_plain, handle, key)
SELECT i.row, e.id, i.variant, i.time, a.endpoint IS NOT NULL,
       coalesce(i.time <= CASE WHEN b.scan = $1::bigint THEN b.before_at ELSE greatest(b.latest_at, b.before_at) END, false),
       i.digest IS NOT NULL, CASE WHEN e.id IS NULL THEN i.handle END, CASE WHEN e.id IS NULL THEN i.key END
FROM in_answer i
LEFT JOIN endpoint e ON e.key = i.key
LEFT JOIN endpoint_block b ON b.block = e.id >> 12
LEFT JOIN answer_now a ON a.endpoint = e.id AND a.variant = i.variant AND a.digest = i.digest
                      AND a.settled AND a.role = 1 AND a.peer IS NULL
