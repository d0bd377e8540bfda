-- Suites that the policy in force does not list; none where it lists none.
CREATE TEMP TABLE suite_not_allowed AS
SELECT c.id FROM judging j, cipher_suite c WHERE j.allowed_suites <> '{}' AND NOT c.name LIKE ANY (j.allowed_suites);
ANALYZE suite_not_allowed;

-- Versions and suites that an endpoint chose or accepted, if a rule can object to them: old versions, and suites without
-- forward secrecy or authenticated encryption, or with DHE.
CREATE TEMP TABLE spoken AS
SELECT o.endpoint, o.tls_version, o.cipher_suite, NULL::text AS item, v.name AS source
FROM (SELECT DISTINCT ON (o.endpoint, o.variant) o.endpoint, o.variant, o.tls_version, o.cipher_suite
      FROM judging j, scope_endpoint x JOIN observation o USING (endpoint)
      WHERE o.time <= j.as_of AND o.tls_version IS NOT NULL
      ORDER BY o.endpoint, o.variant, o.time DESC, o.tls_version, o.cipher_suite) o
JOIN variant v ON v.id = o.variant
LEFT JOIN cipher_suite c ON c.id = o.cipher_suite
LEFT JOIN suite_not_allowed n ON n.id = o.cipher_suite
CROSS JOIN judging j
WHERE o.tls_version IN (2, 768, 769, 770, 65279) OR (j.min_tls_version > 771 AND o.tls_version IN (771, 65277))
   OR NOT (c.is_aead AND c.has_forward_secrecy) OR c.key_exchange = 'DHE' OR c.authentication = 'anonymous' OR n.id IS NOT NULL;

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
SELECT p.endpoint, NULL, c.id, CASE WHEN p.item = 'dh_bits' THEN CASE WHEN p.value::integer < 1024 THEN 'dh_below_1024' ELSE 'dh_below_2048' END WHEN p.value = 'client' THEN 'client_preference'
                                    WHEN p.value = 'refused' THEN 'no_' || p.item ELSE p.item END, 'posture'
FROM (SELECT DISTINCT ON (p.endpoint, p.item) p.endpoint, p.item, p.value, p.time
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
