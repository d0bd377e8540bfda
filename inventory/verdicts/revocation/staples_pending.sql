-- A batch of pending staples after $1, without those whose key is not known yet: id, DER.
SELECT p.staple, s.der
FROM staple_pending p
JOIN staple s ON s.id = p.staple
WHERE p.staple > $1::bigint
  AND (p.waits_for IS NULL OR EXISTS (SELECT FROM authority a WHERE a.key_sha1 = p.waits_for))
ORDER BY p.staple
LIMIT 1000
