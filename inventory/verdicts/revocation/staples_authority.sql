-- Authorities whose key has the SHA-1 $1: id, key. The same key under several names is several.
SELECT id, spki FROM authority WHERE key_sha1 = $1::bytea ORDER BY is_anchored DESC, id LIMIT 16
