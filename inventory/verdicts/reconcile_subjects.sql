-- What is served where at that moment, and the certificates in scope with the facts that rules need.
INSERT INTO issuer_rule
SELECT k.kind, coalesce(r ->> 'name', k.kind),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'issuer') x), '{}'),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'subject') x), '{}'),
       (r ->> 'from')::timestamptz, (r ->> 'until')::timestamptz
FROM judging j, (VALUES ('own'), ('approved')) k (kind), jsonb_array_elements(coalesce(j.document -> (k.kind || '_cas'), '[]')) r;

CREATE TEMP TABLE place AS
SELECT DISTINCT s.endpoint, c.leaf AS certificate, s.chain
FROM judging j, scope_endpoint x
JOIN serving s ON s.endpoint = x.endpoint
JOIN chain c ON c.id = s.chain
LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
WHERE s.from_at <= j.as_of AND (s.closed_at IS NULL OR s.closed_at > j.as_of)
  AND (state.gone_at IS NULL OR state.gone_at > j.as_of);
ANALYZE place;

-- Of each leaf in scope: since when it is known, and whether any endpoint serves it now, in scope or not.
CREATE TEMP TABLE seen AS
SELECT c.leaf AS certificate, min(s.from_at) AS first_seen,
       bool_or((s.closed_at IS NULL OR s.closed_at > j.as_of) AND (state.gone_at IS NULL OR state.gone_at > j.as_of)) AS is_served
FROM judging j, scope_certificate x
JOIN chain c ON c.leaf = x.certificate
JOIN serving s ON s.chain = c.id
LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
WHERE s.from_at <= j.as_of
GROUP BY c.leaf;

-- What each file contained at that moment: the latest span of a place that had begun by then. A span without a
-- state means that nothing is there.
CREATE TEMP VIEW file_at AS
SELECT p.id AS place, p.site, p.host, p.path, p.inside, file_place_text(p.host, p.path, p.inside) AS name,
       f.id AS state, f.mode, f.marks, f.counts, s.from_at AS since
FROM judging j, file_span s JOIN file_place p ON p.id = s.place JOIN file_state f ON f.id = s.state
WHERE s.from_at <= j.as_of
  AND NOT EXISTS (SELECT FROM file_span l WHERE l.place = s.place AND l.from_at > s.from_at AND l.from_at <= j.as_of);

-- Certificates in scope that lie in files. counts: in one that is neither a trust store, nor a sample, nor part of a package, and of a
-- CA only where a private key to it lies in a file too: others are there to be trusted.
CREATE TEMP TABLE filed AS
SELECT x.certificate, x.first_seen,
       x.counts AND (NOT p.is_ca OR EXISTS (SELECT FROM file_state_key k JOIN file_at f USING (state)
                                            WHERE k.spki_sha256 = o.spki_sha256 AND k.kind = 1)) AS counts
FROM (SELECT x.certificate, min(f.since) AS first_seen, bool_or(f.counts) AS counts
      FROM scope_certificate x JOIN file_state_certificate c USING (certificate) JOIN file_at f USING (state)
      GROUP BY x.certificate) x
JOIN certificate_own o USING (certificate)
JOIN profile p ON p.id = o.profile;
ANALYZE filed;

-- The kinds of trust store to whose roots each certificate has a path, whatever was sent with it. The paths of an
-- authority apply to all certificates that it signed; only those whose names violate a constraint on some path are
-- checked one by one.
CREATE TEMP TABLE vouched AS
SELECT e.child AS certificate, a.by_public, a.is_weak
FROM (SELECT p.authority, bool_or(s.kind = 'public') AS by_public, bool_and(p.is_weak) AS is_weak
      FROM ca_path p JOIN trust_store s ON s.id = p.store WHERE p.fault IS NULL GROUP BY p.authority) a
JOIN edge e USING (authority)
JOIN scope_certificate x ON x.certificate = e.child
LEFT JOIN (SELECT DISTINCT certificate FROM name_violation) v ON v.certificate = e.child
LEFT JOIN authority_certificate c ON c.certificate = e.child
WHERE v.certificate IS NULL AND c.certificate IS NULL
UNION ALL
SELECT o.certificate, bool_or(p.store_kind = 'public'), bool_and(p.is_weak)
FROM (SELECT x.certificate
      FROM scope_certificate x
      JOIN (SELECT certificate FROM name_violation UNION SELECT certificate FROM authority_certificate) v USING (certificate)
      OFFSET 0) o
CROSS JOIN LATERAL (SELECT store_kind, is_weak FROM certificate_path p WHERE p.certificate = o.certificate AND p.fault IS NULL OFFSET 0) p
GROUP BY o.certificate;
ANALYZE vouched;
