-- CA certificates in any chain that is served now.
CREATE TEMP TABLE sent AS
SELECT DISTINCT cc.certificate
FROM (SELECT DISTINCT chain FROM place) p JOIN chain_certificate cc USING (chain)
WHERE cc.position > 0
