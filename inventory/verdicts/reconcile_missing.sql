-- Axis deployment, for records in force whose certificate is not served where it should be. "Recorded but not seen" needs an
-- answer from the place without the certificate; silence is not enough. What another has replaced is looked for nowhere.
CREATE TEMP TABLE held AS           -- records in force of certificates that a network serves, without those of CA certificates
SELECT r.id AS record, r.certificate, r.spki_key, r.names_key, r.not_before, r.not_after, r.is_located, r.delivered_at,
       record_moment(r.not_after, p.zone) AS ends_at
FROM judging j, policy_term p, record_open r
LEFT JOIN certificate_facts f ON f.certificate = r.certificate AND f.is_ca
WHERE (r.not_after IS NULL OR record_moment(r.not_after, p.zone) >= j.as_of) AND f.certificate IS NULL AND r.is_held
  AND (r.type IS NULL OR r.type IN ('server', 'other'));
ANALYZE held;

CREATE TEMP TABLE matched AS        -- certificates that are served somewhere and match by one of the first three steps of the ladder
SELECT h.record, n.certificate, m.step = 0 AS is_linked
FROM held h JOIN match_now m USING (record) JOIN certificate_now n ON n.certificate = m.certificate
WHERE m.is_counted AND m.step <= 3 AND n.is_leaf AND n.place_count > 0;
ANALYZE matched;

CREATE TEMP TABLE missing AS        -- records whose place serves neither such a certificate nor one with the same key nor its renewal
SELECT h.record, h.certificate, h.ends_at, h.is_located, h.delivered_at
FROM held h
LEFT JOIN (
    SELECT m.record FROM matched m JOIN held w USING (record) WHERE NOT w.is_located
    UNION
    SELECT m.record FROM matched m JOIN record_place p USING (record)
    JOIN endpoint_judged e ON e.endpoint = p.endpoint AND e.certificate = m.certificate
    UNION       -- linked to one that is served: unless a place of it shows another
    SELECT m.record FROM matched m JOIN held w USING (record)
    LEFT JOIN (SELECT DISTINCT p.record FROM record_place p JOIN endpoint_judged e USING (endpoint) WHERE NOT p.is_ambiguous) shown USING (record)
    WHERE m.is_linked AND w.is_located AND shown.record IS NULL
    UNION
    SELECT w.record FROM held w JOIN certificate_now n USING (spki_key) WHERE NOT w.is_located AND n.is_leaf AND n.place_count > 0
    UNION
    SELECT p.record FROM record_place p JOIN held w USING (record) JOIN endpoint_judged e USING (endpoint)
    JOIN certificate_now n ON n.certificate = e.certificate AND n.spki_key = w.spki_key
    UNION
    SELECT p.record FROM record_place p JOIN held w USING (record) JOIN endpoint_judged e USING (endpoint)
    JOIN certificate_now n ON n.certificate = e.certificate AND n.names_key = w.names_key AND n.not_before > w.not_before
    UNION       -- where the record tells no names: those of the certificate that it is about (of all records: one more join was a loop over all of `held`)
    SELECT p.record FROM record_place p JOIN endpoint_judged e USING (endpoint)
    JOIN match_now m ON m.record = p.record AND m.is_counted AND m.step <= 3
    JOIN certificate_now o ON o.certificate = m.certificate
    JOIN certificate_now n ON n.certificate = e.certificate AND n.names_key = o.names_key AND n.not_before > o.not_before) here USING (record)
WHERE here.record IS NULL;
ANALYZE missing;

-- Of these, what was replaced: by its account's word, or, where its certificate is known, as that was; else by a later record of the same names
-- or, where the record names no place, by a later certificate of the same names that is served. is_told: it is so whatever its place shows; a
-- node of a cluster may have a certificate of its own, of the same names. newer_record: which one its account names.
CREATE TEMP TABLE replaced_record AS
SELECT record, bool_or(is_told) AS is_told, max(newer) AS newer_record
FROM (SELECT h.record, false AS is_told, NULL::bigint AS newer FROM judging j, missing m JOIN held h USING (record)
      WHERE NOT EXISTS (SELECT FROM match_now x WHERE x.record = h.record AND x.is_counted)
        AND EXISTS (SELECT FROM managed_record w WHERE w.names_key = h.names_key AND is_newer_record(w, h.not_before, h.not_after, j.as_of))
      UNION ALL
      SELECT m.record, true, NULL FROM missing m JOIN record_open r ON r.id = m.record WHERE r.status = 'replaced'
      UNION ALL
      (SELECT DISTINCT ON (m.record) m.record, true, t.newer FROM missing m JOIN newer_told t USING (record)
       WHERE t.is_later ORDER BY m.record, t.not_before DESC NULLS LAST, t.newer)
      UNION ALL
      SELECT m.record, true, NULL FROM missing m JOIN match_now x USING (record) JOIN certificate_now n ON n.certificate = x.certificate
      WHERE x.is_counted AND n.replaced_at IS NOT NULL
      UNION ALL
      SELECT h.record, false, NULL FROM missing m JOIN held h USING (record)
      WHERE NOT h.is_located AND NOT EXISTS (SELECT FROM match_now x WHERE x.record = h.record AND x.is_counted)
        AND EXISTS (SELECT FROM certificate_now n WHERE n.names_key = h.names_key AND n.is_leaf AND n.place_count > 0
                    AND n.not_before > h.not_before AND n.not_after > h.not_after)) r
GROUP BY record;
ANALYZE replaced_record;

CREATE TEMP TABLE new_record AS
WITH answered AS MATERIALIZED (
    SELECT p.record, p.endpoint, state.last_outcome AS outcome, state.gone_at, old.endpoint IS NOT NULL AS is_old
    FROM missing m JOIN record_place p USING (record) JOIN endpoint_now state USING (endpoint)
    LEFT JOIN (SELECT u.endpoint FROM endpoint_unconfirmed u
               WHERE NOT EXISTS (SELECT FROM endpoint_judged e WHERE e.endpoint = u.endpoint) GROUP BY u.endpoint) old USING (endpoint)
    WHERE state.last_outcome IS NOT NULL AND NOT p.is_ambiguous
), answer AS MATERIALIZED (             -- what was said too long ago is none
    SELECT DISTINCT ON (record) record, endpoint, outcome FROM answered WHERE NOT is_old ORDER BY record, gone_at IS NOT NULL, endpoint
), shown AS MATERIALIZED (               -- their place shows another certificate
    SELECT DISTINCT a.record FROM answered a JOIN endpoint_judged e USING (endpoint) WHERE NOT a.is_old
), ambiguous AS MATERIALIZED (
    SELECT p.record FROM missing m JOIN record_place p USING (record) GROUP BY p.record HAVING bool_and(p.is_ambiguous)
), silence AS MATERIALIZED (
    SELECT DISTINCT ON (l.record) l.record, q.outcome
    FROM (SELECT l.record, l.address, l.port, l.site, address_prefix(l.address) AS prefix
          FROM missing m JOIN managed_location l USING (record)
          LEFT JOIN answer USING (record) LEFT JOIN ambiguous USING (record)
          WHERE l.address IS NOT NULL AND answer.record IS NULL AND ambiguous.record IS NULL) l
    CROSS JOIN judging j
    JOIN quiet q ON q.prefix = l.prefix
    JOIN scan s ON s.id = q.scan
    WHERE (l.port IS NULL OR q.port = l.port) AND (l.site IS NULL OR l.site = s.site) AND q.from_at <= j.as_of
      AND get_bit(q.addresses, (host(l.address)::inet - host(network(q.prefix))::inet)::integer) = 1
    ORDER BY l.record, q.to_at DESC, q.outcome
)
SELECT m.record, m.certificate, answer.endpoint,
       CASE WHEN o.is_over THEN 'replaced'
            WHEN answer.endpoint IS NOT NULL THEN 'recorded but not seen'
            WHEN ambiguous.record IS NOT NULL THEN 'not judged'
            WHEN silence.outcome IS NOT NULL THEN 'unreachable'
            WHEN undecided.record IS NOT NULL THEN 'not judged'
            WHEN m.delivered_at IS NOT NULL AND ever.record IS NULL THEN 'never served'
            WHEN NOT m.is_located THEN 'not located'
            ELSE 'not judged' END COLLATE "C" AS deployment,
       CASE WHEN NOT o.is_over THEN coalesce(answer.outcome, silence.outcome) END AS outcome,
       CASE WHEN answer.endpoint IS NOT NULL OR o.is_over THEN NULL WHEN ambiguous.record IS NOT NULL THEN 'which site?'
            WHEN silence.outcome IS NULL AND undecided.record IS NOT NULL THEN 'which certificate?'
            WHEN silence.outcome IS NULL AND m.is_located AND (m.delivered_at IS NULL OR ever.record IS NOT NULL)
                 AND m.record IN (SELECT record FROM answered) THEN 'how long ago?' END COLLATE "C" AS reason,
       m.ends_at + interval '1 second' AS next_change_at,
       coalesce(CASE WHEN NOT u.is_after_record THEN u.basis END, w.basis, u.basis) AS owner_basis,
       CASE WHEN isfinite(m.ends_at)
            THEN coalesce(CASE i.installed_by WHEN 'service' THEN d.ask_by_service ELSE d.ask_by_customer END,
                          l.last_day - t.lead_time_days) END AS safe_until,
       replaced.record IS NOT NULL AS is_replaced, replaced.newer_record,
       m.certificate IS NOT NULL OR EXISTS (SELECT FROM match_now x WHERE x.record = m.record AND x.is_counted) AS is_known
FROM missing m
CROSS JOIN policy_term t
LEFT JOIN managed_record r ON r.id = m.record AND r.installer <> ''
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.installer IS NULL THEN t.installed_by ELSE installed_by(r.installer, t.installed_by,
        t.service_installers) END AS installed_by) i
CROSS JOIN LATERAL (
    SELECT CASE WHEN isfinite(m.ends_at) THEN work_day_of(deadline_of(m.ends_at, t.day_ends_at, t.zone), t.day_starts_at,
                                                            t.zone) END AS last_day) l
LEFT JOIN work_term d ON d.day = l.last_day
LEFT JOIN owner_certificate oc ON oc.certificate = -m.record
LEFT JOIN owner_rule_now u ON u.line = oc.line
LEFT JOIN owner_record w ON w.certificate = -m.record
LEFT JOIN replaced_record replaced USING (record)
LEFT JOIN answer USING (record)
LEFT JOIN shown USING (record)
CROSS JOIN LATERAL (SELECT replaced.record IS NOT NULL AND (replaced.is_told OR shown.record IS NULL) AS is_over) o
LEFT JOIN ambiguous USING (record)
LEFT JOIN silence USING (record)
LEFT JOIN (SELECT DISTINCT t.record FROM missing t JOIN match_now w USING (record) JOIN certificate_now n ON n.certificate = w.certificate
           WHERE NOT w.is_counted AND w.step IN (2, 3) AND w.way <> 'R-serial-only' AND n.place_count > 0) undecided
       ON undecided.record = m.record
LEFT JOIN (SELECT DISTINCT t.record FROM missing t JOIN match_now w USING (record) JOIN certificate_now n ON n.certificate = w.certificate
           WHERE w.is_counted AND n.first_seen IS NOT NULL) ever ON ever.record = m.record;
ANALYZE new_record;

CREATE TEMP TABLE changed_record AS
SELECT coalesce(n.record, o.record) AS record, n.record IS NOT NULL AS stays, o.record IS NOT NULL AS was,
       (n.deployment, n.endpoint) IS DISTINCT FROM (o.deployment, o.endpoint) AS is_other
FROM (SELECT o.* FROM scope_record x JOIN record_judged o USING (record)) o
FULL JOIN new_record n ON n.record = o.record
WHERE n.record IS NULL OR o.record IS NULL
   OR (n.certificate, n.endpoint, n.deployment, n.outcome, n.reason, n.next_change_at, n.owner_basis, n.safe_until, n.is_replaced, n.newer_record,
       n.is_known)
      IS DISTINCT FROM (o.certificate, o.endpoint, o.deployment, o.outcome, o.reason, o.next_change_at, o.owner_basis, o.safe_until, o.is_replaced,
                        o.newer_record, o.is_known);
ANALYZE changed_record;

INSERT INTO verdict_past (axis, rule, certificate, endpoint, record, value, evidence, since, until)
SELECT 'deployment', 'D-recorded', o.certificate, o.endpoint, o.record, o.deployment,
       recorded_evidence(o.record, o.endpoint, o.deployment, o.outcome, o.reason), o.since, greatest(j.as_of, o.since)
FROM judging j, changed_record c JOIN record_judged o USING (record)
WHERE c.was AND (c.is_other OR NOT c.stays);
DELETE FROM record_judged o USING changed_record c WHERE c.was AND NOT c.stays AND o.record = c.record;
UPDATE record_judged o
SET certificate = n.certificate, endpoint = n.endpoint, deployment = n.deployment, outcome = n.outcome, reason = n.reason,
    next_change_at = n.next_change_at, owner_basis = n.owner_basis, safe_until = n.safe_until, is_replaced = n.is_replaced,
    newer_record = n.newer_record, is_known = n.is_known,
    since = CASE WHEN c.is_other THEN j.as_of ELSE o.since END
FROM judging j, changed_record c JOIN new_record n USING (record)
WHERE c.was AND c.stays AND o.record = c.record;
INSERT INTO record_judged (record, certificate, endpoint, deployment, outcome, reason, since, next_change_at, owner_basis, safe_until, is_replaced,
                           newer_record, is_known)
SELECT n.record, n.certificate, n.endpoint, n.deployment, n.outcome, n.reason, j.as_of, n.next_change_at, n.owner_basis, n.safe_until, n.is_replaced,
       n.newer_record, n.is_known
FROM judging j, changed_record c JOIN new_record n USING (record)
WHERE NOT c.was;
INSERT INTO written SELECT 'record_judged', count(*) FROM changed_record;
