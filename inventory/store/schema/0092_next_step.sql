-- The next action for a certificate, decided from all axes together, not from one rule; and where what rules found of it, or of its places, must be
-- done earlier, that, so that the day (act_by) is the earliest by which anything must be done: no later than the last safe day of what is served,
-- also where nothing is to be done before its renewal is due. One sentence of at most 140 characters for lists, a long one for details; what: the
-- first without the day since which it is late, for lists with a column of that day; who, until when, with which request. All joins are by key, so
-- a page of fifty rows costs fifty look-ups and a list of all is a join of whole tables. Nothing here is stored, since it depends on the day.

CREATE FUNCTION clip_text(text text, length integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN char_length(text) <= length THEN text ELSE left(text, length - 1) || '…' END
$$;
CREATE FUNCTION day_text(moment timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD')
$$;
CREATE FUNCTION count_text(count bigint, one text, many text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT count || ' ' || CASE WHEN count = 1 THEN one ELSE many END
$$;

-- Do all names of a foreign certificate end as the policy allows? Then its owner's own provider renews it.
CREATE FUNCTION names_are_allowed(the_certificate bigint, suffixes jsonb) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_array_length(suffixes) > 0 AND cardinality(o.name_set) > 0 AND NOT EXISTS (
        SELECT FROM unnest(o.name_set) n
        WHERE NOT EXISTS (SELECT FROM jsonb_array_elements_text(suffixes) s
                          WHERE right('.' || n, length(ltrim(s, '.')) + 1) = '.' || lower(ltrim(s, '.'))))
    FROM certificate_own o WHERE o.certificate = the_certificate
$$;

CREATE FUNCTION renew_step(act_by timestamptz, today timestamptz, not_after timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT 'Renew it ' || CASE WHEN act_by < today THEN 'today' ELSE 'by ' || day_text(act_by) END || ', it ends ' || day_text(not_after)
$$;

-- Does this action settle what the rule found? Then its step is the one to tell of that finding.
CREATE FUNCTION action_settles(action text, rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN action = 'replace today' THEN is_replacing_rule(rule, true) OR is_ending_rule(rule)
                WHEN action = 'replace' THEN is_replacing_rule(rule, true) OR is_ending_rule(rule) OR rule = 'R01'
                WHEN action = 'investigate' THEN rule = 'R12'
                WHEN action = 'install' THEN rule = 'R03' OR is_ending_rule(rule)
                WHEN action IN ('manage', 'link', 'provider') THEN rule = 'R01' OR is_ending_rule(rule)
                WHEN action IN ('renew', 'automatic', 'unseen', 'import') THEN is_ending_rule(rule)
                ELSE false END
$$;

-- Rules that some action settles: of what has one day and is alike grave, these go first.
CREATE FUNCTION is_settled_rule(rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rule IN ('R01', 'R03', 'R12') OR is_of_revoked(rule) OR is_ending_rule(rule)
$$;

-- action: of all axes, without what rules found. is_due: its end asks for something: time says so, or its last safe day is within a week, as
-- summaries count, or comes before the day of what was found at a place. found_on: the first day of that, no later than the last safe day.
-- renew_on: the last safe day of what is served, and whose end is ours. step_rule: whose step the actions "replace" and "rule" are.
-- has_licence: another certificate may be adopted, as the policy in use has it.
CREATE VIEW next_action AS
    SELECT n.certificate, r.as_of, n.place_count, n.superseded_count, n.not_after, n.name, n.owner_basis, n.record_id, n.record_step, n.time,
           n.record, n.issuer, n.issuer_name, n.sha256, n.revoked_at, n.decision, n.worst_rule, n.severity_rank, n.renewal_due_at,
           coalesce(n.newer_record, n.candidate_record) AS newer_record, nc.sha256 AS newer_sha256, nc.first_seen AS newer_first_seen,
           l.lead, n.safe_until AS ask_by,
           l.today, l.zone, n.replaced_at, chosen.action, e.is_due, n.found_rule, fr.next_step AS found_step,
           CASE WHEN chosen.action = 'replace' THEN instead.rule ELSE n.worst_rule END AS step_rule,
           is_replacing_rule(n.found_rule, l.is_foreign_forbidden) AS is_found_replacing, l.has_licence,
           n.issuer = 'foreign' AND l.is_foreign_forbidden AND n.rules @> '{R02}' AS is_forbidden,
           CASE WHEN n.found_by IS NOT NULL AND NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
                THEN nullif(least(n.found_by, n.safe_until), 'infinity')::timestamp AT TIME ZONE 'UTC' END AS found_on,
           CASE WHEN n.place_count > 0 AND n.record IS DISTINCT FROM 'ignored' THEN n.safe_until::timestamp AT TIME ZONE 'UTC' END AS renew_on
    FROM certificate_now n
    CROSS JOIN report_as_of r
    CROSS JOIN LATERAL (SELECT make_interval(days => coalesce((p.document ->> 'lead_time_days')::integer, 14)) AS lead,
                       coalesce(p.document -> 'allowed_suffixes', '[]') || coalesce(p.document -> 'own_suffixes', '[]') AS allowed_suffixes,
                       coalesce((p.document ->> 'forbid_foreign')::boolean, false) AS is_foreign_forbidden,
                       -- of no row, so asked once for a statement
                       (SELECT a.licences = 0 OR a.used < a.licences FROM licence_account a) AS has_licence,
                       z.zone, d.day, d.day::timestamp AT TIME ZONE 'UTC' AS today
                FROM (SELECT 1) one LEFT JOIN policy_judged p ON true
                CROSS JOIN LATERAL (SELECT coalesce(nullif(p.document ->> 'zone', ''), 'UTC') AS zone) z
                CROSS JOIN LATERAL (SELECT (r.as_of AT TIME ZONE z.zone)::date AS day) d OFFSET 0) l
    -- most have no other
    LEFT JOIN certificate_now nc ON nc.certificate = CASE WHEN n.superseded_count > 0 OR n.replaced_at IS NOT NULL
        OR n.time IN ('renewal due', 'expiring', 'expired')
                                                          THEN coalesce(n.replaced_by, n.newer_certificate) END
    LEFT JOIN rule fr ON fr.id = n.found_rule
    CROSS JOIN LATERAL (
        SELECT n.time IN ('renewal due', 'expiring', 'expired')
               OR coalesce(n.place_count > 0 AND (n.safe_until <= l.day + 7 OR (n.found_by > n.safe_until AND n.found_by < 'infinity'
                   AND fr.is_of_places)), false) AS is_due) e
    CROSS JOIN LATERAL (        -- the rule that asks for another in its place, for more than its end: renewed, its key or its issuer would come back
        SELECT CASE WHEN NOT e.is_due OR n.place_count = 0 OR n.severity_rank = 9 THEN NULL
                    WHEN n.worst_rule <> 'C05' AND is_replacing_rule(n.worst_rule, l.is_foreign_forbidden) THEN n.worst_rule
                    ELSE (SELECT f.rule FROM unnest(n.rules) f (rule)
                          WHERE f.rule <> 'C05' AND is_replacing_rule(f.rule, l.is_foreign_forbidden)
                          ORDER BY f.rule NOT LIKE 'K%', f.rule LIMIT 1) END AS rule OFFSET 0) instead
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n.is_revoked AND n.place_count > 0 THEN 'replace today'
                WHEN n.record_step = 'R-impostor' THEN 'investigate'
                WHEN n.superseded_count > 0 THEN 'install'
                -- that nobody manages it may be accepted; its end comes all the same
                WHEN n.record = 'ignored' OR (n.record = 'accepted' AND NOT (e.is_due AND n.place_count > 0)) THEN n.record
                WHEN is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) THEN 'none'
                WHEN n.issuer = 'foreign' AND n.record <> 'managed' AND NOT l.is_foreign_forbidden
                     AND coalesce(names_are_allowed(n.certificate, l.allowed_suffixes), false) THEN 'provider'
                WHEN e.is_due AND n.candidate_record IS NOT NULL THEN 'install'
                -- what nobody manages may also be accepted
                WHEN instead.rule IS NOT NULL AND NOT (n.record = 'unmanaged' AND instead.rule IN ('C14', 'R02')) THEN 'replace'
                WHEN n.time IN ('renewal due', 'expiring') AND n.is_automatic THEN 'automatic'
                WHEN e.is_due AND n.record IN ('managed', 'accepted') AND n.place_count > 0 THEN 'renew'
                WHEN n.time IN ('renewal due', 'expiring') AND n.place_count = 0 THEN 'unseen'
                WHEN n.record = 'not judged' THEN 'import'
                WHEN n.record_step IN ('R-ambiguous', 'R-serial-only', 'R-key-only', 'R-names', 'R-common-name') THEN 'link'
                -- a weak key is not taken over
                WHEN n.record = 'unmanaged' AND n.place_count > 0 AND NOT coalesce(n.severity_rank <= 2
                    AND n.worst_rule ~ '^(K|C0[12])', false) THEN 'manage'
                WHEN n.severity_rank <= 3 THEN 'rule'
                ELSE 'none' END COLLATE "C" AS action OFFSET 0) chosen
    WHERE n.is_leaf;

-- axes_what and axes_by: of the action alone, for letters and notices, which tell of findings beside it.
-- Joins, and no sub-SELECT in the texts: `said` would begin each of them anew for each row, whichever text it has.
CREATE VIEW next_step AS
    SELECT x.certificate, x.action,
           clip_text(said.line, 140) AS next_step, clip_text(told.short, 140) AS what,
           concat_ws(' ', CASE WHEN x.late_since IS NOT NULL THEN 'LATE since ' || day_text(x.late_since) || '.' END, rtrim(told.short, '.')
                     || '.', x.detail,
                     'Who: ' || x.who || '.', CASE WHEN x.late_since IS NULL THEN 'By: ' || day_text(x.act_by) || '.' END, 'With: ' || x.request || '.') AS next_step_long,
           x.act_by, x.late_since, x.who, x.request, x.ask_by, clip_text(x.short, 140) AS axes_what, x.axes_by
    FROM (
        SELECT a.certificate, a.action, a.ask_by, b.act_by, d.act_by AS axes_by, CASE WHEN b.act_by < a.today THEN b.act_by END AS late_since,
               b.is_of_finding, d.act_by IS NOT NULL AND NOT a.is_found_replacing AS has_then,
               CASE WHEN a.action IN ('accepted', 'ignored')      -- as it is; what was found stays
                    THEN rtrim(finding_step(a.found_rule, a.found_step, a.issuer), '.') || ' (' || a.action || ' by '
                        || coalesce(de.words, '?') || ')'
                    ELSE finding_step(a.found_rule, a.found_step, a.issuer) END AS of_finding,
               -- without their commands, which would be cut; what must be replaced is not renewed
               CASE WHEN a.action IN ('manage', 'link', 'import') AND a.time <> 'expired' AND a.issuer <> 'self-signed' AND NOT a.is_forbidden
                    THEN renew_step(d.act_by, a.today, a.not_after) END AS renewal,
               -- whose it is, is known then
               CASE WHEN a.action = 'link' AND b.is_of_finding AND NOT a.is_due AND NOT a.is_found_replacing
                    THEN 'If ' || coalesce(regexp_replace(m.file, '^.*/', '') || ':' || m.line, 'record ' || a.record_id)
                        || ' is its record: certsweep managed link ' || left(encode(a.sha256, 'hex'), 12)
                        || ' --record ' || a.record_id || ' --reason TEXT' END AS linking,
               nullif(concat_ws(' ', coalesce(o.owner, m.department, m.owner), '('
                                || nullif(array_to_string(coalesce(nullif(o.contacts, '{}'), m.contacts), ', '), '') || ')'), '') AS who,
               CASE WHEN a.action IN ('renew', 'replace', 'replace today', 'install', 'unseen')
                    THEN nullif(concat_ws(', ', 'order ' || coalesce(w.order_number, m.order_number), 'request ' || m.request_number,
                                          (SELECT s.name FROM managed_source s WHERE s.id = m.source) || ' ' || m.file || ':' || m.line), '') END AS request,
               CASE a.action
                   WHEN 'replace today' THEN 'Replace it today: revoked' || coalesce(' on ' || revoked_day(a.revoked_at, a.zone), '') || ', and still served at '
                        || count_text(a.place_count, 'place', 'places')
                   WHEN 'investigate' THEN 'Find out who runs it, today: it has the issuer and serial number of a managed certificate, and another key'
                   WHEN 'install' THEN 'Install the renewed one' || coalesce(' ('
                             || coalesce('order ' || w.order_number, 'serial ' || left(w.serial_number, 12),
                                      left(encode(a.newer_sha256, 'hex'), 12))
                             || coalesce(', since ' || day_text(coalesce(w.not_before, a.newer_first_seen)), '') || ')', '') || ' at '
                        || CASE WHEN a.superseded_count > 0 THEN count_text(a.superseded_count, 'place', 'places')
                           ELSE count_text(a.place_count, 'place', 'places') END || CASE WHEN a.time = 'expired' THEN '; this one ended '
                               ELSE '; this one ends ' END || coalesce(day_text(a.not_after), 'at no readable date')
                   WHEN 'accepted' THEN 'None: accepted by ' || coalesce(de.words, '?')
                   WHEN 'ignored' THEN 'None: ignored by ' || coalesce(de.words, '?')
                   WHEN 'provider' THEN 'Its owner''s own provider renews it (' || coalesce(a.issuer_name, 'foreign') || '); no ticket of ours'
                        || CASE WHEN a.time IN ('expiring', 'expired') THEN ', but tell the owner: it ends ' || day_text(a.not_after)
                                WHEN a.record = 'unmanaged' THEN ': accept it with a reason' ELSE '' END
                   WHEN 'automatic' THEN 'It was renewed by itself so far: see ' || CASE WHEN d.act_by < a.today THEN 'today' ELSE 'on ' || day_text(d.act_by) END
                        || ' whether it was again; it ends ' || day_text(a.not_after)
                   WHEN 'renew' THEN CASE WHEN NOT coalesce(m.auto_renewal, false) THEN 'Request the renewal '
                       || CASE WHEN d.act_by < a.today THEN 'today' ELSE 'by ' || day_text(d.act_by) END
                        WHEN d.act_by < a.today THEN 'Find out today why it was not renewed by itself, as its record says'
                        ELSE 'It renews by itself, its record says: see by ' || day_text(d.act_by) || ' that it did' END || coalesce(' (order ' || m.order_number || ')', '')
                        || CASE WHEN a.time = 'expired' THEN '; it ended ' ELSE '; it ends ' END || day_text(a.not_after)
                   WHEN 'unseen' THEN CASE WHEN a.record = 'managed' THEN 'Find out whether it is still needed before renewing it'
                                           ELSE 'Renew it, or remove its file if it is not needed' END
                        || ': it ends ' || day_text(a.not_after) || ', and is served nowhere that was scanned'
                   WHEN 'import' THEN CASE WHEN a.time = 'expired' AND a.place_count > 0 THEN 'Replace it (ended ' || day_text(a.not_after)
                       || ') or switch it off. ' WHEN a.is_due THEN renew_step(d.act_by, a.today, a.not_after) || '. ' ELSE '' END
                        || 'Say what is managed: certsweep managed import --source NAME FILE'
                   WHEN 'link' THEN 'If it is that of the record, link it (certsweep managed link ' || left(encode(a.sha256, 'hex'), 12) || ' --record ' || a.record_id
                        || ' --reason TEXT): ' || CASE a.record_step WHEN 'R-ambiguous' THEN 'several fit ' ELSE 'probably ' END
                        || coalesce(regexp_replace(m.file, '^.*/', '') || ':' || m.line, '?')
                   WHEN 'manage' THEN CASE WHEN a.time = 'expired' THEN 'Replace it (ended ' || day_text(a.not_after) || ') or switch it off: nobody manages it'
                        WHEN a.record_step = 'R-not-in-force' THEN 'Replace it: its record in the account is ' || coalesce(m.status, 'over')
                        WHEN a.issuer = 'self-signed' THEN 'Replace it with one of your own or an approved CA, or accept it with a reason: it is self-signed, and nobody manages it'
                        WHEN a.is_forbidden THEN 'Replace it with one of your own or an approved CA, or accept it with a reason: '
                            || 'its CA is foreign, and nobody manages it'
                        WHEN a.issuer = 'own'       -- its account tells it: what is adopted takes a licence, for one of another CA
                        THEN CASE WHEN a.is_due THEN renew_step(d.act_by, a.today, a.not_after)
                                      || ', and import its record: certsweep managed import --source NAME FILE'
                                  ELSE 'Import its record (certsweep managed import --source NAME FILE): it is of your own CA. '
                                       || 'Or replace it, or accept it with a reason' END
                        WHEN NOT a.has_licence
                        THEN CASE WHEN a.is_due THEN renew_step(d.act_by, a.today, a.not_after) || ', or replace it'
                                  ELSE 'Replace it, or accept it with a reason' END
                             || ': no licence of the policy is left for certsweep managed adopt'
                        WHEN a.is_due
                        THEN renew_step(d.act_by, a.today, a.not_after)
                             || ', and take it over: certsweep managed adopt ' || left(encode(a.sha256, 'hex'), 12) || ' --reason TEXT'
                        ELSE 'Take it over (certsweep managed adopt ' || left(encode(a.sha256, 'hex'), 12) || ' --reason TEXT), replace it, or accept it with a reason' END
                   WHEN 'rule' THEN finding_step(a.step_rule, ru.next_step, a.issuer)
                   WHEN 'replace' THEN finding_step(a.step_rule, ru.next_step, a.issuer)
                   WHEN 'none' THEN CASE WHEN a.place_count = 0 AND a.time = 'expired' THEN 'None: it has ended and is served nowhere'
                        WHEN a.revoked_at IS NOT NULL OR a.record_step = 'R-not-in-force' THEN 'None: it is not in force, and served nowhere'
                        WHEN a.replaced_at IS NOT NULL THEN 'None: replaced by '
                             || coalesce(left(encode(a.newer_sha256, 'hex'), 12), 'order ' || w.order_number,
                                         'serial ' || left(w.serial_number, 12), 'a newer one') || ' since ' || day_text(a.replaced_at) || ', and served nowhere'
                        ELSE 'None' || coalesce(' until its renewal is due on ' || day_text(a.renewal_due_at), '') END
               END AS short,
               CASE CASE WHEN NOT b.is_of_finding THEN a.action END
                   WHEN 'replace today' THEN 'Request another one with a new key, install it, and look again: certsweep scan.'
                   WHEN 'install' THEN coalesce('The newer one exists since ' || day_text(coalesce(w.not_before, a.newer_first_seen))
                                                || '.', '') || ' Renewed is not installed: the place still shows the old one.'
                   WHEN 'renew' THEN CASE WHEN a.issuer = 'own' THEN 'Its issuer is your own service: the request goes there.'
                                     ELSE 'Its issuer is ' || coalesce(a.issuer_name, 'not told') || '.' END
                   WHEN 'manage' THEN 'Or let it stay (certsweep managed accept ' || left(encode(a.sha256, 'hex'), 12) || ' --reason TEXT'
                        || CASE WHEN a.time <> 'expired' AND a.not_after < '9999-01-01' THEN ' --until ' || day_text(a.not_after) ELSE '' END
                        || '), or say that it is not yours (certsweep managed ignore ' || left(encode(a.sha256, 'hex'), 12) || ' --reason TEXT).'
               END AS detail
        FROM next_action a
        CROSS JOIN LATERAL (                -- days of the policy's zone, as of findings
            SELECT CASE WHEN a.action = 'replace today'                  -- revoked: the earliest day of its findings
                        THEN least(coalesce(revoked_day(a.revoked_at, a.zone), (a.as_of AT TIME ZONE a.zone)::date),
                                   a.ask_by)::timestamp AT TIME ZONE 'UTC'
                        WHEN a.action = 'investigate' THEN CASE WHEN a.found_on IS NULL THEN a.today END
                        WHEN a.action = 'install' THEN coalesce(a.ask_by::timestamp AT TIME ZONE 'UTC', a.not_after)
                        WHEN a.action IN ('renew', 'replace', 'automatic', 'unseen')
                             OR (a.action IN ('manage', 'link', 'import', 'provider') AND a.is_due)
                        THEN coalesce(a.ask_by::timestamp AT TIME ZONE 'UTC', a.not_after - a.lead) END AS act_by OFFSET 0) d
        CROSS JOIN LATERAL (                -- what was found must be done earlier, and the action does not settle it
            SELECT least(d.act_by, a.found_on, a.renew_on) AS act_by,
                   coalesce(NOT action_settles(a.action, a.found_rule) AND (d.act_by IS NULL OR a.found_on < d.act_by), false)
                       AND a.found_on IS NOT NULL AS is_of_finding) b
        LEFT JOIN owner_basis o ON o.id = a.owner_basis
        LEFT JOIN managed_record m ON m.id = a.record_id
        LEFT JOIN managed_record w ON w.id = a.newer_record
        LEFT JOIN (SELECT id, who || coalesce(' until ' || decision_last_day(until), '') AS words FROM decision) de ON de.id = a.decision
        LEFT JOIN rule ru ON ru.id = a.step_rule) x
    CROSS JOIN LATERAL (                -- what else must be done of it by a day is told behind it
        SELECT CASE WHEN NOT x.is_of_finding THEN x.short WHEN x.linking IS NOT NULL THEN x.linking || '. Then: ' || x.of_finding
                    WHEN x.has_then THEN rtrim(x.of_finding, '.') || '. Then: ' || coalesce(x.renewal, x.short)
                    ELSE x.of_finding END AS short OFFSET 0) told
    CROSS JOIN LATERAL (                -- once: clip_text() looks at it three times
        SELECT CASE WHEN x.late_since IS NULL THEN told.short ELSE 'LATE since ' || day_text(x.late_since) || ': ' || lower(left(told.short, 1))
            || substr(told.short, 2) END AS line OFFSET 0) said;

-- Are these ids more than a share of a table's rows, so that it is cheaper to read it whole than to look for each?
CREATE FUNCTION are_more_than(share float8, ids bigint[], the_table regclass) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT cardinality(ids) > share * (SELECT c.reltuples FROM pg_class c WHERE c.oid = the_table)
$$;

-- The same of these certificates alone, for lists: planned for the number of its ids, so that a page looks up its own and a whole list
-- reads tables once, and then may have others, too. As a join the view may be computed of everything for a page of fifty. The joins of the view stand
-- in the right order: to look for a better one took a third of the time of a page. of_axes: what is axes_what.
CREATE FUNCTION next_steps(ids bigint[], of_axes boolean DEFAULT false)
    RETURNS TABLE (certificate bigint, next_step text, act_by timestamptz, what text, action text, ask_by date) LANGUAGE plpgsql STABLE ROWS 200
SET join_collapse_limit = 1 SET enable_memoize = off AS $$
#variable_conflict use_column
BEGIN
    IF cardinality(ids) >= 1000 AND are_more_than(0.5, ids, 'certificate_now') THEN
        RETURN QUERY SELECT s.certificate, s.next_step, s.act_by, CASE WHEN of_axes THEN s.axes_what ELSE s.what END, s.action, s.ask_by
            FROM next_step s;
    ELSIF cardinality(ids) >= 1000 AND NOT are_more_than(0.1, ids, 'certificate_now') THEN      -- each by itself: else the planner reads whole tables
        RETURN QUERY SELECT s.certificate, s.next_step, s.act_by, CASE WHEN of_axes THEN s.axes_what ELSE s.what END, s.action, s.ask_by
        FROM (SELECT DISTINCT unnest(ids) AS id) u CROSS JOIN LATERAL (SELECT * FROM next_step n WHERE n.certificate = u.id OFFSET 0) s;
    ELSE        -- of the first table of the view: a join with the ids would come last, when all is computed
        RETURN QUERY SELECT s.certificate, s.next_step, s.act_by, CASE WHEN of_axes THEN s.axes_what ELSE s.what END, s.action, s.ask_by
            FROM next_step s WHERE s.certificate = ANY (ids);
    END IF;
END $$;
