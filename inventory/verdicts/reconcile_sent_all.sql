-- CA certificates in any chain that is served now.
CREATE TEMP TABLE sent AS
SELECT DISTINCT cc.certificate
FROM served_chain JOIN chain_certificate cc USING (chain)
WHERE cc.position > 0
