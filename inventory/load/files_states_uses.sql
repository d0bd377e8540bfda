INSERT INTO file_state_use
SELECT DISTINCT ON (n.state, u.position) n.state, u.position, u.service, u.directive, u.path, u.line
FROM in_state_new n JOIN in_file_use u USING (hash)
ORDER BY n.state, u.position
