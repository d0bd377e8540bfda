-- What is served where at that moment, and the certificates in scope with the facts that rules need.
INSERT INTO issuer_rule
SELECT k.kind, coalesce(r ->> 'name', k.kind),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'issuer') x), '{}'),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'subject') x), '{}'),
       (r ->> 'from')::timestamptz, (r ->> 'until')::timestamptz
FROM judging j, (VALUES ('own'), ('approved')) k (kind), jsonb_array_elements(coalesce(j.document -> (k.kind || '_cas'), '[]')) r;

-- The chains at endpoints in scope, and those with a leaf in scope, that no scan has found, only a capture or an import, and until when they
-- count as served. Without captures and imports nothing is read.
CREATE TEMP TABLE unscanned AS
WITH open AS MATERIALIZED (
    SELECT a.endpoint, a.role, a.peer, a.variant, a.chain, a.from_at
    FROM judging j, scope_endpoint x JOIN answer_span a USING (endpoint)
    WHERE EXISTS (SELECT FROM scan WHERE kind IN (2, 4)) AND a.chain IS NOT NULL
      AND a.from_at <= j.as_of AND (a.closed_at IS NULL OR a.closed_at > j.as_of)
      AND (a.variant = 8 OR a.scan IN (SELECT id FROM scan WHERE kind = 4))
    UNION
    SELECT a.endpoint, a.role, a.peer, a.variant, a.chain, a.from_at
    FROM judging j, scope_certificate x JOIN chain c ON c.leaf = x.certificate JOIN answer_span a ON a.chain = c.id
    WHERE EXISTS (SELECT FROM scan WHERE kind IN (2, 4)) AND NOT j.is_full
      AND a.from_at <= j.as_of AND (a.closed_at IS NULL OR a.closed_at > j.as_of)
      AND (a.variant = 8 OR a.scan IN (SELECT id FROM scan WHERE kind = 4))
), shown AS MATERIALIZED (
    SELECT g.endpoint, g.role, g.peer, 8::smallint AS variant, g.chain, max(g.last_at) AS at
    FROM judging j, (SELECT DISTINCT endpoint FROM open WHERE variant = 8) e JOIN sighting g USING (endpoint)
    WHERE g.last_at <= j.as_of
    GROUP BY g.endpoint, g.role, g.peer, g.chain
    UNION ALL
    SELECT o.endpoint, o.role, o.peer, o.variant, o.chain, max(o.time)
    FROM judging j, (SELECT DISTINCT endpoint FROM open WHERE variant <> 8) e JOIN observation o USING (endpoint)
    WHERE o.time <= j.as_of
    GROUP BY o.endpoint, o.role, o.peer, o.variant, o.chain
), again AS MATERIALIZED (          -- the same answer in a later run
    SELECT o.endpoint, o.variant, max(c.last_at) AS at, bool_or(s.kind = 1) AS is_scan
    FROM judging j, (SELECT DISTINCT endpoint, variant FROM open WHERE variant <> 8) o
    JOIN confirmation c ON c.block = o.endpoint >> 12 AND c.variant = o.variant
    JOIN scan s ON s.id = c.scan
    WHERE c.first_at <= j.as_of AND get_bit(c.bits, (o.endpoint & 4095)::integer) = 1
    GROUP BY o.endpoint, o.variant
), last AS (
    SELECT o.endpoint, o.role, o.peer, o.variant, o.chain, greatest(o.from_at, s.at, a.at) AS last_seen
    FROM open o
    LEFT JOIN shown s ON s.endpoint = o.endpoint AND s.role = o.role AND s.variant = o.variant AND s.chain = o.chain
                     AND s.peer IS NOT DISTINCT FROM o.peer
    LEFT JOIN again a ON a.endpoint = o.endpoint AND a.variant = o.variant
    WHERE NOT coalesce(a.is_scan, false)
)
SELECT l.*, l.last_seen + j.stale_after AS stale_at FROM judging j, last l;
ANALYZE unscanned;

-- stale_at: until when it counts as served unless it is seen again; NULL: a scan has seen it. is_alone: the endpoint shows this chain only, which
-- is so of nearly all: the spans are read once in the order of their index, and only the others looked up.
SELECT set_config('enable_hashagg', (NOT is_full)::text, true) FROM judging;
CREATE TEMP TABLE place AS
SELECT s.endpoint, c.leaf AS certificate, s.chain, NULL::timestamptz AS stale_at, s.chain = s.last AS is_alone
FROM (SELECT endpoint, min(chain) AS chain, max(chain) AS last
      FROM answer_in_scope
      WHERE chain IS NOT NULL AND (from_at > (SELECT as_of FROM judging)) IS NOT TRUE
        AND (closed_at <= (SELECT as_of FROM judging)) IS NOT TRUE     -- (the planner takes such a condition for most rows, its contrary for few)
      GROUP BY endpoint) s
JOIN chain c ON c.id = s.chain
LEFT JOIN endpoint_state gone ON gone.endpoint = s.endpoint AND gone.gone_at <= (SELECT as_of FROM judging)      -- few: all states need not be hashed
WHERE gone.endpoint IS NULL;
SET LOCAL enable_hashagg = on;
CREATE TEMP TABLE place_of_several AS       -- endpoints to look up: with several chains, or with one that no scan has found
SELECT endpoint FROM place WHERE NOT is_alone OR endpoint IN (SELECT endpoint FROM unscanned);
ANALYZE place_of_several;
DELETE FROM place WHERE (NOT is_alone OR endpoint IN (SELECT endpoint FROM unscanned)) AND EXISTS (SELECT FROM place_of_several);
INSERT INTO place
SELECT s.endpoint, c.leaf, s.chain, CASE WHEN bool_and(u.endpoint IS NOT NULL) THEN max(u.stale_at) END, false
FROM judging j CROSS JOIN place_of_several p
JOIN answer_span s ON s.endpoint = p.endpoint
JOIN chain c ON c.id = s.chain
LEFT JOIN unscanned u ON u.endpoint = s.endpoint AND u.chain = s.chain AND u.variant = s.variant AND u.role = s.role
                     AND u.peer IS NOT DISTINCT FROM s.peer
WHERE (s.from_at > j.as_of) IS NOT TRUE AND (s.closed_at <= j.as_of) IS NOT TRUE AND (u.stale_at <= j.as_of) IS NOT TRUE
GROUP BY s.endpoint, c.leaf, s.chain;
ANALYZE place;
CREATE TEMP TABLE served_chain AS SELECT chain FROM place GROUP BY chain;
ANALYZE served_chain;

-- What endpoints in scope served when last seen, too long ago to count.
CREATE TEMP TABLE unconfirmed AS
SELECT u.endpoint, c.leaf AS certificate, e.site, max(u.last_seen) AS last_seen, max(u.stale_at) AS stale_at
FROM judging j CROSS JOIN unscanned u
JOIN scope_endpoint x ON x.endpoint = u.endpoint
JOIN endpoint e ON e.id = u.endpoint
JOIN chain c ON c.id = u.chain
LEFT JOIN place p ON p.endpoint = u.endpoint AND p.certificate = c.leaf
LEFT JOIN endpoint_state state ON state.endpoint = u.endpoint
WHERE u.stale_at <= j.as_of AND p.endpoint IS NULL AND (state.gone_at IS NULL OR state.gone_at > j.as_of)
GROUP BY u.endpoint, c.leaf, e.site;

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

-- The kinds of trust store to whose roots paths lead, whatever was sent with a certificate. The paths of an authority apply to all
-- certificates that it signed (vouching); only CA certificates, and those whose names violate a constraint on some path, are looked at one
-- by one (vouched_alone).
CREATE TEMP TABLE vouching AS
SELECT p.authority, bool_or(s.kind = 'public') AS by_public, bool_and(p.is_weak) AS is_weak
FROM ca_path p JOIN trust_store s ON s.id = p.store WHERE p.fault IS NULL GROUP BY p.authority;
CREATE TEMP TABLE vouched_alone AS
SELECT o.certificate, count(p.store_kind) > 0 AS is_vouched, bool_or(p.store_kind = 'public') AS by_public, bool_and(p.is_weak) AS is_weak
FROM (SELECT x.certificate
      FROM scope_certificate x
      JOIN (SELECT certificate FROM name_violation UNION SELECT certificate FROM authority_certificate) v USING (certificate)
      OFFSET 0) o
LEFT JOIN LATERAL (SELECT store_kind, is_weak FROM certificate_path p WHERE p.certificate = o.certificate AND p.fault IS NULL OFFSET 0) p ON true
GROUP BY o.certificate;
ANALYZE vouching; ANALYZE vouched_alone;
