INSERT INTO file_state_key
SELECT DISTINCT ON (n.state, k.position) n.state, k.position, k.kind, k.spki_sha256, k.algorithm, k.bits, k.is_encrypted, k.at_offset
FROM in_state_new n JOIN in_file_key k USING (hash)
ORDER BY n.state, k.position
