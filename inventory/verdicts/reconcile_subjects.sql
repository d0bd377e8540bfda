-- Who is judged: own CA predicates, what is served where at that moment, leaves, subjects of policy rules, versions
-- and suites spoken, records that were true then and the places where they belong.
INSERT INTO issuer_rule
SELECT k.kind, coalesce(r ->> 'name', k.kind),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'issuer') x), '{}'),
       coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'subject') x), '{}'),
       (r ->> 'from')::timestamptz, (r ->> 'until')::timestamptz
FROM judging j, (VALUES ('own'), ('approved')) k (kind), jsonb_array_elements(coalesce(j.document -> (k.kind || '_cas'), '[]')) r;

INSERT INTO deployed
SELECT DISTINCT c.leaf, s.endpoint, s.chain
FROM judging j, serving s
JOIN chain c ON c.id = s.chain
LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
WHERE s.from_at <= j.as_of AND (s.closed_at IS NULL OR s.closed_at > j.as_of)
  AND (state.gone_at IS NULL OR state.gone_at > j.as_of);
CREATE INDEX ON deployed (certificate);
CREATE INDEX ON deployed (endpoint);

CREATE TEMP TABLE record_open AS
SELECT r.*, c.id AS certificate
FROM judging j, managed_record r
LEFT JOIN certificate c ON c.sha256 = r.sha256
WHERE r.valid_from <= j.as_of AND (r.valid_to IS NULL OR r.valid_to > j.as_of);

INSERT INTO leaf
SELECT DISTINCT c.leaf FROM judging j, serving s JOIN chain c ON c.id = s.chain WHERE s.from_at <= j.as_of
UNION
SELECT r.certificate FROM record_open r JOIN certificate_facts f USING (certificate) WHERE NOT f.is_ca;

INSERT INTO subject
SELECT c.certificate, bool_or(c.is_leaf),
       EXISTS (SELECT FROM trust t WHERE t.certificate = c.certificate AND t.store = 'public' AND t.found)
FROM (SELECT certificate, true AS is_leaf FROM deployed
      UNION ALL SELECT cc.certificate, false FROM (SELECT DISTINCT chain FROM deployed) d
                JOIN chain_certificate cc USING (chain) WHERE cc.position > 0
      UNION ALL SELECT r.certificate, NOT f.is_ca FROM record_open r JOIN certificate_facts f USING (certificate)) c
JOIN certificate_facts USING (certificate)
GROUP BY c.certificate;

INSERT INTO spoken
SELECT endpoint, tls_version, cipher_suite, NULL, time, variant
FROM (SELECT DISTINCT ON (o.endpoint, o.variant) o.endpoint, o.tls_version, o.cipher_suite, o.time, v.name AS variant
      FROM judging j, observation o JOIN variant v ON v.id = o.variant
      WHERE o.time <= j.as_of AND o.tls_version IS NOT NULL
      ORDER BY o.endpoint, o.variant, o.time DESC) latest
UNION ALL
-- probes/tls/posture.h: "tls10", "rc4" ... and, asked one by one, "suite:VERSION:NAME".
SELECT p.endpoint, NULL, c.id, p.item, p.time, 'posture'
FROM judging j, posture_current p
LEFT JOIN cipher_suite c ON p.item LIKE 'suite:%' AND c.name = split_part(p.item, ':', 3)
WHERE p.value = 'accepted' AND p.time <= j.as_of
UNION ALL
SELECT p.endpoint, NULL, NULL, 'dh_below_2048', p.time, 'posture'
FROM judging j, posture_current p
WHERE p.item = 'dh_bits' AND p.value ~ '^[0-9]{1,6}$' AND p.value::integer < 2048 AND p.time <= j.as_of;

-- What is gone speaks no more.
DELETE FROM spoken s
USING judging j, endpoint_state state
WHERE state.endpoint = s.endpoint AND state.gone_at <= j.as_of;

INSERT INTO record_place
SELECT DISTINCT l.record, e.id
FROM managed_location l
JOIN record_open r ON r.id = l.record
JOIN endpoint e ON (l.address IS NULL OR l.address = e.address) AND (l.port IS NULL OR l.port = e.port)
               AND (l.name IS NULL OR l.name = e.server_name)
WHERE l.address IS NOT NULL OR l.name IS NOT NULL;

ANALYZE deployed; ANALYZE leaf; ANALYZE subject; ANALYZE spoken; ANALYZE record_open; ANALYZE record_place;
