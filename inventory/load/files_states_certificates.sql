INSERT INTO file_state_certificate
SELECT DISTINCT ON (n.state, c.position) n.state, c.position, c.certificate, c.at_offset, c.label
FROM in_state_new n JOIN in_file_certificate c USING (hash)
ORDER BY n.state, c.position
