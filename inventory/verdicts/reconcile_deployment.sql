-- Axis deployment, from the place: a leaf that is served at an endpoint now. A record that names no place cannot say
-- whether this is the right one: not located.
INSERT INTO judged (axis, rule, rule_version, certificate, endpoint, value, evidence)
SELECT 'deployment', 'D-served', 1, d.certificate, d.endpoint,
       CASE WHEN NOT j.has_managed THEN 'not judged'
            WHEN newer.record IS NOT NULL THEN 'superseded but served'
            WHEN here.record IS NOT NULL THEN 'as recorded'
            WHEN mine.record IS NULL THEN 'unknown here'
            WHEN mine.is_located OR expected.record IS NOT NULL THEN 'other known'
            ELSE 'not located' END,
       jsonb_strip_nulls(jsonb_build_object(
           'record', coalesce(here.record, mine.record), 'newer_record', newer.record,
           'newer_not_before', newer.not_before, 'expected_record', CASE WHEN here.record IS NULL THEN expected.record END,
           'next_command', CASE WHEN NOT j.has_managed THEN 'certsweep managed import FILE --source NAME' END))
FROM judging j, (SELECT DISTINCT certificate, endpoint FROM deployed) d
JOIN certificate_facts f USING (certificate)
LEFT JOIN LATERAL (SELECT m.record FROM record_match m JOIN record_place p USING (record)
                   WHERE m.certificate = d.certificate AND m.step <= 2 AND p.endpoint = d.endpoint
                   ORDER BY m.record LIMIT 1) here ON true
LEFT JOIN LATERAL (SELECT m.record, EXISTS (SELECT FROM managed_location l WHERE l.record = m.record) AS is_located
                   FROM record_match m WHERE m.certificate = d.certificate AND m.step <= 3
                   ORDER BY m.step, m.record LIMIT 1) mine ON true
LEFT JOIN LATERAL (SELECT p.record FROM record_place p WHERE p.endpoint = d.endpoint
                   ORDER BY p.record LIMIT 1) expected ON true
LEFT JOIN LATERAL (
    -- The same names in a later certificate of the managed set: this one should have been replaced here.
    SELECT n.id AS record, n.not_before
    FROM record_open n
    WHERE mine.record IS NOT NULL AND n.name_set = f.name_set AND f.name_set <> '{}'
      AND n.not_before > f.not_before AND n.not_before <= j.as_of AND n.certificate IS DISTINCT FROM d.certificate
      AND (NOT EXISTS (SELECT FROM managed_location l WHERE l.record = n.id)
           OR EXISTS (SELECT FROM record_place p WHERE p.record = n.id AND p.endpoint = d.endpoint))
    ORDER BY n.not_before DESC LIMIT 1) newer ON true;

-- And from the record: one that is in force and whose certificate nothing serves where it should be. An answer without
-- it is "recorded but not seen"; a silence never is.
INSERT INTO judged (axis, rule, rule_version, certificate, endpoint, record, value, evidence)
SELECT 'deployment', 'D-recorded', 1, r.certificate, answer.endpoint, r.id,
       CASE WHEN answer.endpoint IS NOT NULL THEN 'recorded but not seen'
            WHEN silence.outcome IS NOT NULL THEN 'unreachable'
            WHEN place.location IS NULL THEN 'not located'
            ELSE 'not judged' END,
       jsonb_strip_nulls(jsonb_build_object('source', s.name, 'file', r.file, 'line', r.line, 'location', r.location,
           'common_name', r.common_name, 'last_answer_at', answer.last_answer_at, 'last_outcome', answer.outcome,
           'silence', silence.outcome, 'asked_at', silence.to_at,
           'next_command', CASE WHEN answer.endpoint IS NULL AND silence.outcome IS NULL AND place.location IS NOT NULL
                                THEN 'certsweep scan ' || place.location END))
FROM judging j, record_open r
JOIN managed_source s ON s.id = r.source
LEFT JOIN LATERAL (
    SELECT coalesce(l.name || CASE WHEN l.address IS NULL THEN '' ELSE '@' END, '') || coalesce(host(l.address), '')
           || coalesce(':' || l.port, '') AS location
    FROM managed_location l WHERE l.record = r.id LIMIT 1) place ON true
LEFT JOIN LATERAL (
    SELECT p.endpoint, state.last_answer_at, o.name AS outcome
    FROM record_place p JOIN endpoint_state state USING (endpoint) LEFT JOIN outcome o ON o.id = state.last_outcome
    WHERE p.record = r.id AND state.last_answer_at IS NOT NULL
    ORDER BY state.last_answer_at DESC LIMIT 1) answer ON true
LEFT JOIN LATERAL (
    SELECT o.name AS outcome, q.to_at
    FROM managed_location l
    JOIN quiet q ON q.prefix = network(set_masklen(l.address, CASE family(l.address) WHEN 4 THEN 24 ELSE 120 END))::inet
                AND (l.port IS NULL OR q.port = l.port)
    JOIN outcome o ON o.id = q.outcome
    WHERE l.record = r.id AND l.address IS NOT NULL AND q.from_at <= j.as_of
      AND get_bit(q.addresses, (host(l.address)::inet - host(network(q.prefix))::inet)::integer) = 1
    ORDER BY q.to_at DESC LIMIT 1) silence ON true
WHERE (r.not_after IS NULL OR r.not_after >= j.as_of)
  AND NOT EXISTS (SELECT FROM certificate_facts f WHERE f.certificate = r.certificate AND f.is_ca)
  AND NOT EXISTS (SELECT FROM record_match m JOIN deployed d USING (certificate)
                  WHERE m.record = r.id AND m.step <= 3
                    AND (place.location IS NULL
                         OR d.endpoint IN (SELECT p.endpoint FROM record_place p WHERE p.record = r.id)));
