-- What owner_match.sql reads for `owners explain`: places that owner_ask.sql adds, each with a certificate of its own. A site that is
-- not in the inventory gets an id below 0, so that lines of that site match it.
CREATE TEMP TABLE owner_asked (id bigint GENERATED ALWAYS AS IDENTITY, site text COLLATE "C", address inet, name text, issuer text,
                              host text COLLATE "C", path text COLLATE "C");
CREATE TEMP VIEW owner_asked_site AS
SELECT id, name FROM site
UNION ALL
SELECT -min(a.id), a.site FROM owner_asked a LEFT JOIN site s ON s.name = a.site WHERE s.id IS NULL GROUP BY a.site;
CREATE TEMP VIEW owner_asked_issuer AS SELECT id AS issuer_key, issuer FROM owner_asked;
CREATE TEMP VIEW owner_asked_leaf AS SELECT id AS certificate, id AS issuer_key FROM owner_asked;
CREATE TEMP VIEW owner_asked_place AS
SELECT a.id AS endpoint, a.id AS certificate, s.id AS site, a.address FROM owner_asked a JOIN owner_asked_site s ON s.name = a.site
WHERE a.host IS NULL;
CREATE TEMP VIEW owner_asked_file AS
SELECT a.id AS place, a.id AS certificate, s.id AS site, a.host, a.path FROM owner_asked a JOIN owner_asked_site s ON s.name = a.site
WHERE a.host IS NOT NULL;
CREATE TEMP VIEW owner_asked_name AS
SELECT id AS certificate, NULL::bigint AS endpoint, lower(name) AS name FROM owner_asked WHERE name IS NOT NULL;
