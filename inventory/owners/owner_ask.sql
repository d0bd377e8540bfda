-- Adds a place to ask about. $1 site, $2 address, $3 name, $4 issuer, $5 host and $6 path of a file; NULL: not known
INSERT INTO owner_asked (site, address, name, issuer, host, path) VALUES ($1, $2::inet, $3, $4, $5, $6)
