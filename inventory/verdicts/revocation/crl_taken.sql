-- The list number $1, for crl_take.sql.
CREATE TEMP TABLE crl_taken ON COMMIT DROP AS
SELECT c.* FROM crl c WHERE c.id = $1::bigint
