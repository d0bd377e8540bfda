-- Certificates that came to a place or went from it must be judged again, and those whose keys did. To be run before files_now.
WITH latest AS (
    SELECT DISTINCT ON (place) place, state FROM in_file_span ORDER BY place, from_at DESC
), changed AS (
    SELECT n.state AS before, l.state AS after
    FROM latest l LEFT JOIN file_now n USING (place)
    WHERE n.place IS NULL OR n.state IS DISTINCT FROM l.state
), state AS (
    SELECT before AS state FROM changed UNION SELECT after FROM changed
)
INSERT INTO dirty
SELECT DISTINCT 1, c.certificate FROM state JOIN file_state_certificate c USING (state)
UNION
SELECT 1, o.certificate FROM state JOIN file_state_key k USING (state) JOIN certificate_own o ON o.spki_sha256 = k.spki_sha256
