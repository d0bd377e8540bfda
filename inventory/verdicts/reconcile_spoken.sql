-- Suites that the policy in force does not list; none where it lists none.
CREATE TEMP TABLE suite_not_allowed AS
SELECT c.id FROM judging j, cipher_suite c WHERE j.allowed_suites <> '{}' AND NOT c.name LIKE ANY (j.allowed_suites);
ANALYZE suite_not_allowed;

-- Versions and suites that an endpoint chose or accepted, if a rule can object to them: old versions, and suites without
-- forward secrecy or authenticated encryption, or with DHE; chosen: the suite that the answer to a question chose, or what was sent, bits: of its
-- Diffie-Hellman group. Few answers ever had one of these: the latest is looked for among
-- the others of the same endpoint and variant alone.
CREATE TEMP TABLE suite_objected AS
SELECT c.id FROM cipher_suite c LEFT JOIN suite_not_allowed n USING (id)
WHERE NOT (c.is_aead AND c.has_forward_secrecy) OR c.key_exchange = 'DHE' OR c.authentication = 'anonymous' OR n.id IS NOT NULL;
CREATE TEMP TABLE version_objected AS
SELECT v.id FROM judging j, (VALUES (2, false), (768, false), (769, false), (770, false), (65279, false), (771, true), (65277, true)) v (id, is_usual)
WHERE NOT v.is_usual OR j.min_tls_version > 771;
ANALYZE suite_objected; ANALYZE version_objected;
CREATE TEMP TABLE spoken_once AS
SELECT DISTINCT o.endpoint, o.variant
FROM judging j, observation o JOIN scope_endpoint x USING (endpoint)
WHERE o.time <= j.as_of AND o.tls_version IS NOT NULL
  AND (o.tls_version IN (SELECT id FROM version_objected) OR o.cipher_suite IN (SELECT id FROM suite_objected));
ANALYZE spoken_once;

CREATE TEMP TABLE spoken AS
SELECT o.endpoint, o.tls_version, o.cipher_suite, NULL::text AS item, v.name AS source, NULL::text AS chosen, NULL::integer AS bits
FROM (SELECT DISTINCT ON (o.endpoint, o.variant) o.endpoint, o.variant, o.tls_version, o.cipher_suite
      FROM judging j, spoken_once x JOIN observation o USING (endpoint, variant)
      WHERE o.time <= j.as_of AND o.tls_version IS NOT NULL
      ORDER BY o.endpoint, o.variant, o.time DESC, o.tls_version, o.cipher_suite) o
JOIN variant v ON v.id = o.variant
WHERE o.tls_version IN (SELECT id FROM version_objected) OR o.cipher_suite IN (SELECT id FROM suite_objected);

-- probes/tls/posture.h: "tls10", "rc4" ..., "no_tls13" ... of what should not be refused, and, if suites were asked
-- one by one, "suite:VERSION:NAME". The last answer to each question counts; 'untested' is no answer, and a suite
-- that is missing from a later complete list is no longer accepted.
INSERT INTO spoken
WITH listed AS (
    SELECT p.endpoint, max(p.time) AS time
    FROM judging j, scope_endpoint x JOIN posture p USING (endpoint)
    JOIN scan ON scan.id = p.scan AND p.time <= scan.clock_limit
    WHERE p.time <= j.as_of AND p.item = 'suites' AND p.value <> 'untested' AND p.detail IS NULL
    GROUP BY p.endpoint
)
SELECT p.endpoint, NULL, c.id, CASE WHEN p.item = 'dh_bits' THEN CASE WHEN p.value::integer < 1024 THEN 'dh_below_1024'
    ELSE 'dh_below_2048' END WHEN p.value = 'client' THEN 'client_preference'
                                    WHEN p.value = 'refused' THEN 'no_' || p.item ELSE p.item END, 'posture',
       CASE WHEN p.value <> 'refused' AND p.item NOT LIKE 'suite:%' THEN left(nullif(p.detail, ''), 100) END,
       CASE WHEN p.item = 'dh_bits' THEN p.value::integer END
FROM (SELECT DISTINCT ON (p.endpoint, p.item) p.endpoint, p.item, p.value, p.detail, p.time
      FROM judging j, scope_endpoint x JOIN posture p USING (endpoint)
      JOIN scan ON scan.id = p.scan AND p.time <= scan.clock_limit
      WHERE p.time <= j.as_of
      ORDER BY p.endpoint, p.item, p.value = 'untested', p.time DESC) p
LEFT JOIN listed l ON p.item LIKE 'suite:%' AND l.endpoint = p.endpoint
LEFT JOIN cipher_suite c ON p.item LIKE 'suite:%' AND c.name = split_part(p.item, ':', 3)
WHERE (l.time IS NULL OR p.time >= l.time)
  AND CASE p.item WHEN 'dh_bits' THEN p.value ~ '^[0-9]{1,6}$' AND p.value::integer < 2048
           WHEN 'suite_preference' THEN p.value = 'client'
           ELSE p.value = 'accepted' OR (p.value = 'refused' AND p.item IN ('tls12', 'tls13', 'secure_renegotiation',
                                                                            'extended_master_secret', 'hybrid_groups')) END;

-- Endpoints that are gone are left out, and those that nobody has confirmed for too long.
DELETE FROM spoken s
USING judging j, endpoint_state state
WHERE state.endpoint = s.endpoint AND state.gone_at <= j.as_of;
DELETE FROM spoken s
USING (SELECT endpoint FROM unconfirmed EXCEPT SELECT endpoint FROM place) u
WHERE u.endpoint = s.endpoint;
ANALYZE spoken;
