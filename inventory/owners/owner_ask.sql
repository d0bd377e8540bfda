-- Adds a place to ask about. $1 site, $2 address, $3 name, $4 issuer; NULL: not known
INSERT INTO owner_asked (site, address, name, issuer) VALUES ($1, $2::inet, $3, $4)
