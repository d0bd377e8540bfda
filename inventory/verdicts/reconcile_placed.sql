-- The number of places that serve each leaf in scope (places in scope or not), and whose its places are, files too: a certificate belongs
-- to all owners of its places. site: NULL where it is in several. Reads the places and files from place_owner.
CREATE TEMP TABLE owner_rank AS         -- bases of one owner have one number
SELECT b.id, dense_rank() OVER (ORDER BY b.owner) AS owner
FROM (SELECT DISTINCT owner_basis AS id FROM place_owner) p JOIN owner_basis b USING (id);
ANALYZE owner_rank;
CREATE TEMP TABLE placed AS
SELECT p.certificate, count(p.endpoint)::integer AS place_count, CASE WHEN min(p.site) = max(p.site) THEN min(p.site) END AS site,
       (count(*) FILTER (WHERE p.deployment = 'superseded but served'))::integer AS superseded_count, min(p.owner_basis) AS owner_basis,
       max(p.owner_basis) AS last_basis,
       count(p.owner_basis) FILTER (WHERE p.endpoint IS NOT NULL) = 0 AS is_served_by_nobody,
       min(b.owner) <> max(b.owner) AS is_shared
FROM place_owner p LEFT JOIN owner_rank b ON b.id = p.owner_basis
GROUP BY p.certificate;
ANALYZE placed;
UPDATE site_naming s SET names_default = NOT s.names_default FROM judging j WHERE s.names_default <> (strpos(j.basis, ' sites named ') > 0);
-- Where each is served, as certificate_places() tells it without a filter; that function is for the tables as a run leaves them, with their indexes.
CREATE TEMP TABLE placed_text AS
SELECT l.certificate, first_places(l.lines, l.count) AS places
FROM (SELECT p.certificate, string_agg(p.name, E'\n') AS lines, count(*) AS count
      FROM (SELECT n.certificate, n.name FROM placed JOIN places_named('{}') n USING (certificate)
            ORDER BY n.certificate, n.address, n.port, n.site, n.server_name, n.endpoint) p
      GROUP BY p.certificate) l;
ANALYZE placed_text;
-- Few sets of owners belong to many certificates, and most sets have two members: only the places of the others are sorted.
CREATE TEMP TABLE owned_by_many AS
SELECT DISTINCT p.certificate
FROM placed p JOIN place_owner e USING (certificate)
WHERE p.is_shared AND e.owner_basis > p.owner_basis AND e.owner_basis < p.last_basis;
ANALYZE owned_by_many;
CREATE TEMP TABLE owner_set_of AS
SELECT p.certificate, ARRAY[p.owner_basis, p.last_basis] AS bases
FROM placed p
WHERE p.is_shared;
DELETE FROM owner_set_of s USING owned_by_many m WHERE m.certificate = s.certificate;
INSERT INTO owner_set_of
SELECT certificate, array_agg(owner_basis)                 -- rows come sorted: to sort each certificate's alone costs three times as much
FROM (SELECT DISTINCT certificate, e.owner_basis
      FROM owned_by_many JOIN place_owner e USING (certificate)
      WHERE e.owner_basis IS NOT NULL
      ORDER BY certificate, e.owner_basis) x
GROUP BY certificate;
CREATE TEMP TABLE owner_set AS
WITH numbered AS MATERIALIZED (
    SELECT row_number() OVER () AS n, bases FROM (SELECT DISTINCT bases FROM owner_set_of) d
), member AS MATERIALIZED (
    SELECT m.n, b.owner, b.contacts FROM (SELECT n, unnest(bases) AS id FROM numbered) m JOIN owner_basis b USING (id)
), called AS (
    SELECT n, left(owners_together(string_agg(DISTINCT owner, '; ' ORDER BY owner)), 2000) AS owner, string_agg(DISTINCT owner, E'\x1f' ORDER BY owner) AS owners,
           array_agg(DISTINCT owner ORDER BY owner) AS members
    FROM member GROUP BY n
), reached AS (
    SELECT n, (array_agg(one ORDER BY owner, place, one))[:50] AS contacts         -- in the order of their rules, as everywhere
    FROM (SELECT DISTINCT ON (n, one) n, owner, place, one FROM member CROSS JOIN LATERAL unnest(contacts) WITH ORDINALITY u (one, place)
          ORDER BY n, one, owner, place) c GROUP BY n
)
SELECT s.bases, o.owner, o.members, coalesce(c.contacts, '{}') AS contacts,
       md5(concat_ws(E'\x1f', 'set', o.owners, coalesce(c.contacts, '{}')::text))::uuid AS key     -- one set of owners, however their names read together
FROM numbered s
JOIN called o USING (n)
LEFT JOIN reached c USING (n);
INSERT INTO owner_basis (key, owner, contacts, environment, evidence, members)
SELECT DISTINCT ON (s.key) s.key, s.owner, s.contacts, NULL, 'the owners of its places', s.members
FROM owner_set s LEFT JOIN owner_basis b USING (key) WHERE b.key IS NULL
ORDER BY s.key;
ALTER TABLE owner_set ADD basis bigint;
UPDATE owner_set s SET basis = b.id FROM owner_basis b WHERE b.key = s.key;
UPDATE owner_basis b SET members = s.members FROM owner_set s WHERE b.key = s.key AND b.members IS NULL;     -- of before they were kept
CREATE TEMP TABLE owner_shared AS SELECT o.certificate, s.basis FROM owner_set_of o JOIN owner_set s USING (bases);
ANALYZE owner_shared;
