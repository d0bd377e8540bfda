-- The row of each certificate in scope, from its axes, findings, places and owners. A served certificate belongs to the owners of
-- its places, any other to the owner that the rule book or its record names. A leaf (is_leaf) is served now, in the managed set or at rest in a
-- file: what was served once, and was replaced, keeps its verdicts, and counts nowhere. Renewal candidates: later records of the same names,
-- none of whose certificates is served. Of each set of names the two latest are enough.
CREATE TEMP TABLE candidate AS
WITH served AS MATERIALIZED (
    SELECT DISTINCT m.record
    FROM record_open r JOIN match_now m ON m.record = r.id AND m.is_counted
    LEFT JOIN known k ON k.certificate = m.certificate
    LEFT JOIN placed p ON p.certificate = m.certificate
    LEFT JOIN certificate_now n ON n.certificate = m.certificate
    WHERE CASE WHEN k.certificate IS NOT NULL THEN p.place_count ELSE n.place_count END > 0
)
SELECT DISTINCT ON (k.certificate) k.certificate, l.id AS record, l.not_before, coalesce(l.not_after >= k.not_after, true) AS is_lasting
FROM (SELECT r.*, row_number() OVER (PARTITION BY r.names_key ORDER BY r.not_before DESC, r.id) AS rank
      FROM judging j, record_open r LEFT JOIN served s ON s.record = r.id
      WHERE s.record IS NULL AND r.names_key IS NOT NULL AND r.is_held AND r.not_before <= j.as_of) l
JOIN known k ON k.names_key = l.names_key AND k.has_axes
LEFT JOIN record_match own ON own.certificate = k.certificate AND own.record = l.id
WHERE l.rank <= 2 AND l.not_before > k.not_before AND own.certificate IS NULL
ORDER BY k.certificate, l.not_before DESC, l.id;
ANALYZE candidate;

CREATE TEMP TABLE found AS              -- what the rules found at each certificate
SELECT certificate, min(severity_rank) AS severity_rank, sum(hits)::integer AS hit_count,
       array_agg(rule) AS rules, min(next_change_at) AS next_change_at,
       substr(min(severity_rank::text || rule), 2) AS worst_rule,              -- ranks have one digit
       min(since) FILTER (WHERE is_of_revoked(rule)) AS stopped_since, min(rule) FILTER (WHERE is_of_revoked(rule)) AS stopped_rule
FROM (SELECT x.certificate, f.rule, min(f.severity_rank) AS severity_rank, count(*) AS hits, min(f.next_change_at) AS next_change_at,
      min(f.since) AS since
      FROM scope_certificate x JOIN finding f USING (certificate)
      GROUP BY x.certificate, f.rule ORDER BY x.certificate, f.rule) f
GROUP BY certificate;
ANALYZE found;

-- The first day of these, and of what was found at their places (certificate_now.found_by). What was found alike, by one run, has one day: of many
-- findings few days are computed, and compared by their order.
CREATE TEMP TABLE found_open AS
SELECT x.certificate, f.rule, f.severity_rank, f.since FROM scope_certificate x JOIN finding f USING (certificate)
UNION ALL
SELECT x.certificate, f.rule, f.severity_rank, f.since
FROM scope_certificate x JOIN endpoint_judged e USING (certificate) JOIN finding f ON f.endpoint = e.endpoint AND f.endpoint <> 0
    AND f.certificate = 0;
ANALYZE found_open;

CREATE TEMP TABLE found_alike AS
SELECT o.rule, o.severity_rank, o.since, d.day, row_number() OVER (ORDER BY d.day, o.severity_rank, NOT is_settled_rule(o.rule), o.rule, o.since) AS nth
FROM (SELECT DISTINCT rule, severity_rank, since FROM found_open) o CROSS JOIN due_setting s
CROSS JOIN LATERAL (SELECT finding_act_by(o.rule, o.severity_rank, o.since, 'infinity', NULL, s.act_days, s.zone) AS day) d
WHERE d.day IS NOT NULL;
ANALYZE found_alike;

CREATE TEMP TABLE found_first AS
SELECT f.certificate, a.day, a.rule
FROM (SELECT o.certificate, min(a.nth) AS nth FROM found_open o JOIN found_alike a USING (rule, severity_rank, since) GROUP BY o.certificate) f
    JOIN found_alike a USING (nth);
ANALYZE found_first;

-- The last safe day of each, by the policy's days of work.
CREATE TEMP TABLE work_term AS SELECT * FROM term_day;
ANALYZE work_term;
CREATE TEMP TABLE safe AS
SELECT k.certificate, last_safe_day(coalesce(CASE i.installed_by WHEN 'service' THEN d.ask_by_service ELSE d.ask_by_customer END,
                                             l.last_day - t.lead_time_days),
                                    k.not_after, t.zone) AS day
FROM known k
CROSS JOIN policy_term t
LEFT JOIN axes a ON a.certificate = k.certificate
LEFT JOIN managed_record m ON m.id = a.record_id AND a.record = 'managed' AND m.installer <> ''
CROSS JOIN LATERAL (
    SELECT CASE WHEN m.installer IS NULL THEN t.installed_by ELSE installed_by(m.installer, t.installed_by,
        t.service_installers) END AS installed_by) i
CROSS JOIN LATERAL (SELECT work_day_of(deadline_of(k.not_after, t.day_ends_at, t.zone), t.day_starts_at, t.zone) AS last_day) l
LEFT JOIN work_term d ON d.day = l.last_day
WHERE isfinite(k.not_after);
ANALYZE safe;

-- By what, and since when, another has taken the place of what is served nowhere (is_over): at a place that showed it, by its record, or as
-- its account says. Not by a record of the same names that ends before it, and not where somebody else may have its key: it is valid still.
CREATE TEMP TABLE replaced AS
SELECT k.certificate, t.newer AS by, coalesce(t.from_at, w.not_before, w.valid_from, c.not_before, told.valid_from) AS at
FROM known k
JOIN leaf_side l ON l.certificate = k.certificate
LEFT JOIN axes a ON a.certificate = k.certificate
LEFT JOIN taken t ON t.certificate = k.certificate
LEFT JOIN managed_record w ON w.id = l.newer_record
LEFT JOIN candidate c ON c.certificate = k.certificate AND c.is_lasting
LEFT JOIN managed_record told ON told.id = a.record_id AND told.status = 'replaced'
LEFT JOIN placed p ON p.certificate = k.certificate
LEFT JOIN found ON found.certificate = k.certificate
WHERE (k.is_filed OR a.record = 'managed') AND coalesce(p.place_count, 0) = 0 AND coalesce(t.certificate, w.id, c.certificate, told.id) IS NOT NULL
  AND NOT coalesce(found.rules, '{}') && '{K12,K21,K22}'::text[];
ANALYZE replaced;

CREATE TEMP TABLE new_certificate AS
SELECT k.certificate, (k.is_leaf AND NOT k.is_maybe) OR k.is_filed OR coalesce(k.has_axes AND a.record = 'managed', false) AS is_leaf,
       k.is_judged AND (NOT k.is_maybe OR a.record = 'managed') AS is_judged, left(coalesce(k.common_name, k.other_name), 1000) AS name,
       left(i.name, 1000) AS issuer_name, k.not_before, k.not_after, coalesce(k.not_after, 'infinity') AS ends_at,
       a.renewal_due_at, a.expiring_at, a.record, a.record_step, a.record_id, a.decision, a.issuer, a.issuer_step, a.predicate,
       a.time, a.match_step, a.revoked_at, coalesce(a.is_revoked, false) AS is_revoked, a.muted_until,
       l.newer_record, l.newer_certificate, candidate.record AS candidate_record, automatic.certificate IS NOT NULL AS is_automatic,
       coalesce(p.superseded_count, 0) AS superseded_count, k.has_axes AND a.time <> 'expired' AND coalesce(renewed.until > j.as_of, false) AS is_renewed,
       least(coalesce(a.next_change_at, CASE WHEN NOT k.has_axes AND k.not_after + interval '1 second' > j.as_of
                                             THEN k.not_after + interval '1 second' END), found.next_change_at,
             due.at, due_below.at,
             CASE WHEN a.time <> 'expired' AND renewed.until < k.not_after + interval '1 second' THEN renewed.until END,        -- or it ends before that
             renewed.ahead_at) AS next_change_at,
       coalesce(found.severity_rank, 9)::smallint AS severity_rank, found.worst_rule, coalesce(found.hit_count, 0) AS hit_count,
       coalesce(found.rules, '{}') AS rules, least(first.day, stopped.day) AS found_by,
       CASE WHEN stopped.day <= coalesce(first.day, 'infinity') THEN found.stopped_rule ELSE first.rule END AS found_rule, safe.day AS safe_until,
       CASE WHEN NOT k.has_axes THEN NULL WHEN p.certificate IS NOT NULL THEN coalesce(shared.basis, p.owner_basis)
            ELSE coalesce(CASE WHEN NOT o.is_after_record THEN o.basis END, l.record_basis, o.basis) END AS owner_basis,
       coalesce(p.place_count, 0) AS place_count, p.site, t.places, replaced.at AS replaced_at, replaced.by AS replaced_by,
       k.first_seen, k.authority, k.serial_key, k.spki_key, k.names_key
FROM judging j CROSS JOIN due_setting setting CROSS JOIN known k
LEFT JOIN issuer i USING (issuer_key)
LEFT JOIN axes a ON a.certificate = k.certificate
LEFT JOIN found ON found.certificate = k.certificate
LEFT JOIN found_first first ON first.certificate = k.certificate
LEFT JOIN safe ON safe.certificate = k.certificate
CROSS JOIN LATERAL (SELECT CASE WHEN a.is_revoked AND found.stopped_rule IS NOT NULL
                                THEN revoked_day(coalesce(a.revoked_at, found.stopped_since), setting.zone) END AS day) stopped
LEFT JOIN certificate_due due ON due.certificate = k.certificate
LEFT JOIN authority_due due_below ON due_below.authority = k.authority
LEFT JOIN placed p ON p.certificate = k.certificate
LEFT JOIN placed_text t ON t.certificate = k.certificate
LEFT JOIN leaf_side l ON l.certificate = k.certificate
LEFT JOIN candidate ON candidate.certificate = k.certificate
LEFT JOIN automatic ON automatic.certificate = k.certificate
LEFT JOIN replaced ON replaced.certificate = k.certificate
LEFT JOIN renewed ON renewed.certificate = k.certificate
LEFT JOIN owner_rule_now o ON o.line = l.owner_line
LEFT JOIN owner_shared shared ON shared.certificate = k.certificate
WHERE k.has_axes OR k.is_judged OR k.is_logged;
ANALYZE new_certificate;

CREATE TEMP TABLE compared_certificate AS       -- only what differs: before and now, NULL if there was or is none
SELECT o.certificate, n.certificate AS now
FROM certificate_before o FULL JOIN new_certificate n ON n.certificate = o.certificate
WHERE ROW(n.is_leaf, n.is_judged, n.name, n.issuer_name, n.not_before, n.not_after, n.renewal_due_at, n.expiring_at, n.record,
          n.record_step, n.record_id, n.decision, n.issuer, n.issuer_step, n.predicate, n.time, n.next_change_at,
          n.severity_rank, n.worst_rule, n.hit_count, n.rules, n.owner_basis, n.place_count, n.first_seen,
          n.serial_key, n.spki_key, n.names_key, n.match_step, n.revoked_at, n.is_revoked, n.muted_until, n.newer_record,
          n.newer_certificate, n.candidate_record, n.is_automatic, n.superseded_count, n.authority, n.is_renewed, n.places, n.replaced_at,
              n.replaced_by,
          n.found_by, n.found_rule, n.safe_until)
      IS DISTINCT FROM
      ROW(o.is_leaf, o.is_judged, o.name, o.issuer_name, o.not_before, o.not_after, o.renewal_due_at, o.expiring_at, o.record,
          o.record_step, o.record_id, o.decision, o.issuer, o.issuer_step, o.predicate, o.time, o.next_change_at,
          o.severity_rank, o.worst_rule, o.hit_count, o.rules, o.owner_basis, o.place_count, o.first_seen,
          o.serial_key, o.spki_key, o.names_key, o.match_step, o.revoked_at, o.is_revoked, o.muted_until, o.newer_record,
          o.newer_certificate, o.candidate_record, o.is_automatic, o.superseded_count, o.authority, o.is_renewed, o.places, o.replaced_at,
              o.replaced_by,
          o.found_by, o.found_rule, o.safe_until)
   OR n.certificate IS NULL OR o.certificate IS NULL;
ANALYZE compared_certificate;

-- Keeps the values of axes that change, as past verdicts.
INSERT INTO verdict_past (axis, rule, certificate, value, evidence, since, until)
SELECT v.axis, v.rule, o.certificate, v.value, v.evidence, v.since, greatest(j.as_of, v.since)
FROM judging j, compared_certificate c
JOIN certificate_now o USING (certificate)
LEFT JOIN new_certificate n USING (certificate)
CROSS JOIN LATERAL (
    SELECT 'record', o.record_step, o.record, record_evidence(o.record_step, o.record_id, o.decision), o.record_since
    WHERE (n.record, n.record_step) IS DISTINCT FROM (o.record, o.record_step)
    UNION ALL
    SELECT 'issuer', o.issuer_step, o.issuer, issuer_evidence(o.issuer_step, o.predicate, o.certificate), o.issuer_since
    WHERE (n.issuer, n.issuer_step) IS DISTINCT FROM (o.issuer, o.issuer_step)
    UNION ALL
    SELECT 'time', 'T-dates', o.time,
           jsonb_strip_nulls(jsonb_build_object('not_before', o.not_before, 'not_after', o.not_after,
               'renewal_due_at', o.renewal_due_at, 'expiring_at', o.expiring_at)), o.time_since
    WHERE n.time IS DISTINCT FROM o.time) v (axis, rule, value, evidence, since)
WHERE o.record IS NOT NULL;

DELETE FROM certificate_now o USING compared_certificate c
WHERE c.now IS NULL AND o.certificate = c.certificate;

UPDATE certificate_now o
SET is_leaf = n.is_leaf, is_judged = n.is_judged, name = n.name, issuer_name = n.issuer_name, not_before = n.not_before,
    not_after = n.not_after, ends_at = n.ends_at, renewal_due_at = n.renewal_due_at, expiring_at = n.expiring_at,
    record = n.record, record_step = n.record_step, record_id = n.record_id, decision = n.decision,
    record_since = CASE WHEN (n.record, n.record_step) IS DISTINCT FROM (o.record, o.record_step) THEN j.as_of ELSE o.record_since END,
    issuer = n.issuer, issuer_step = n.issuer_step, predicate = n.predicate,
    issuer_since = CASE WHEN (n.issuer, n.issuer_step) IS DISTINCT FROM (o.issuer, o.issuer_step) THEN j.as_of ELSE o.issuer_since END,
    time = n.time, time_since = CASE WHEN n.time IS DISTINCT FROM o.time THEN j.as_of ELSE o.time_since END,
    next_change_at = n.next_change_at, severity_rank = n.severity_rank, worst_rule = n.worst_rule, hit_count = n.hit_count,
    rules = n.rules, owner_basis = n.owner_basis, place_count = n.place_count, first_seen = n.first_seen,
    serial_key = n.serial_key, spki_key = n.spki_key, names_key = n.names_key,
    match_step = n.match_step, revoked_at = n.revoked_at, is_revoked = n.is_revoked, muted_until = n.muted_until, newer_record = n.newer_record,
    newer_certificate = n.newer_certificate, candidate_record = n.candidate_record, is_automatic = n.is_automatic, superseded_count = n.superseded_count,
    authority = n.authority, is_renewed = n.is_renewed, places = n.places,
    replaced_at = n.replaced_at, replaced_by = n.replaced_by, found_by = n.found_by, found_rule = n.found_rule, safe_until = n.safe_until
FROM judging j, compared_certificate c JOIN new_certificate n USING (certificate)
WHERE o.certificate = c.certificate;

-- (In a first run all are new, and none is looked up.)
INSERT INTO certificate_now (certificate, sha256, is_leaf, is_judged, name, issuer_name, not_before, not_after, ends_at,
    renewal_due_at, expiring_at, record, record_step, record_id, decision, record_since, issuer, issuer_step, predicate,
    issuer_since, time, time_since, next_change_at, severity_rank, worst_rule, hit_count, rules, owner_basis, place_count,
    first_seen, serial_key, spki_key, names_key, match_step, revoked_at, is_revoked, muted_until, newer_record,
    newer_certificate, candidate_record, is_automatic, superseded_count, authority, is_renewed, places, replaced_at, replaced_by,
    found_by, found_rule, safe_until)
SELECT n.certificate, c.sha256, n.is_leaf, n.is_judged, n.name, n.issuer_name, n.not_before, n.not_after, n.ends_at,
    n.renewal_due_at, n.expiring_at, n.record, n.record_step, n.record_id, n.decision, (SELECT as_of FROM judging), n.issuer, n.issuer_step,
    n.predicate, (SELECT as_of FROM judging), n.time, (SELECT as_of FROM judging), n.next_change_at, n.severity_rank, n.worst_rule, n.hit_count, n.rules,
    n.owner_basis, n.place_count, n.first_seen, n.serial_key, n.spki_key, n.names_key,
    n.match_step, n.revoked_at, n.is_revoked, n.muted_until, n.newer_record, n.newer_certificate, n.candidate_record, n.is_automatic, n.superseded_count,
    n.authority, n.is_renewed, n.places, n.replaced_at, n.replaced_by, n.found_by, n.found_rule, n.safe_until
FROM new_certificate n JOIN certificate c ON c.id = n.certificate
WHERE EXISTS (SELECT FROM compared_certificate WHERE certificate IS NULL)
  AND ((SELECT count(*) FROM compared_certificate WHERE certificate IS NULL) = (SELECT count(*) FROM new_certificate)
       OR n.certificate IN (SELECT now FROM compared_certificate WHERE certificate IS NULL))
ORDER BY n.certificate;
INSERT INTO written SELECT 'certificate_now', count(*) FROM compared_certificate;
