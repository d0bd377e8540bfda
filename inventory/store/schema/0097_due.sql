-- The day by which each finding must be settled, as lists, documents, calendars and notices show it.

-- What the policy that judged says of it. Always one row. (OFFSET 0: computed once, not per joined row.)
CREATE VIEW due_setting AS
    SELECT coalesce((SELECT array_agg(days::integer ORDER BY ordinal)
                     FROM jsonb_array_elements_text(p.document->'act_days') WITH ORDINALITY d (days, ordinal)),
                    '{7,30,90,180}') AS act_days, coalesce(nullif(p.document->>'zone', ''), 'UTC') AS zone
    FROM (VALUES (1)) one (n) LEFT JOIN policy_judged p ON true
    OFFSET 0;

-- What ends by itself (C05, C06, C07) has the certificate's last safe day. Everything else has the days that the policy gives a finding of its
-- severity, from the run that found it first, and no more than until the last safe day: after that there is another certificate. Who poses as a
-- managed one (R12) is looked for, whenever the certificate ends. Informational findings have none: NULL. What is revoked and still served (H08,
-- R15) is late from the day of its revocation on, as its next step says, and so is its end where that has come, too (C05): it has one earliest
-- day. last_day: NULL, if it is about an endpoint alone, whose settings outlive its certificate; revoked_at: NULL, if it is not. Days are those
-- of the policy's zone.
CREATE FUNCTION finding_act_by(rule text, severity_rank smallint, since timestamptz, last_day date, revoked_at timestamptz, act_days integer[],
                               zone text)
RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_of_revoked(rule) AND revoked_at IS NOT NULL THEN least(revoked_day(revoked_at, zone), last_day)
                WHEN is_ending_rule(rule) AND last_day IS NOT NULL THEN last_day
                WHEN severity_rank <= cardinality(act_days)
                THEN least((since AT TIME ZONE zone)::date + act_days[severity_rank], CASE WHEN rule <> 'R12' THEN last_day END) END
$$;

-- What a finding asks for, and by which day, as lists and the pages of one certificate or endpoint tell it; is_over: about what is_over(), replaced_at: because
-- another took its place.
-- (Inlined where it is joined.)
CREATE FUNCTION finding_due(is_over boolean, replaced_at timestamptz, rule text, next_step text, issuer_kind text, severity_rank smallint, since timestamptz,
                            ask_by date, not_after timestamptz, is_revoked boolean, revoked_at timestamptz, act_days integer[], zone text)
RETURNS TABLE (step text, act_by date) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT CASE WHEN is_over THEN over_step(replaced_at) ELSE finding_step(rule, next_step, issuer_kind) END,
           CASE WHEN is_over IS NOT TRUE
                THEN finding_act_by(rule, severity_rank, since, last_safe_day(ask_by, not_after, zone),
                                    CASE WHEN is_revoked THEN coalesce(revoked_at, since) END, act_days, zone) END
$$;

-- The day on which reports were judged, in the policy's zone: last safe days are days there.
CREATE VIEW report_today AS
    SELECT (r.as_of AT TIME ZONE coalesce(t.zone, 'UTC'))::date AS today FROM report_as_of r LEFT JOIN policy_term t ON true;

-- The evidence as an owner reads it: of a file its name alone, of a hash as much as tells it from others.
CREATE FUNCTION evidence_brief(evidence jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(evidence_text(evidence), '\m([0-9a-f]{16})[0-9a-f]{48}\M', '\1', 'g'),
                                         '(^|; )((?:newer )?record) [^;]*/([^/;]+)', '\1\2 \3', 'g'), '(records |, )/[^;,]*/([^/;,]+:\d+)', '\1\2',
                                         'g')
$$;

-- The evidence in a few words for a line of a list: moments as days where the zone of days is UTC, else without seconds; for findings about
-- the end, and for renewals that no rule asks for yet ("renewal"), only the end.
CREATE FUNCTION finding_seen(rule text, evidence jsonb, not_after timestamptz, zone text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_about_end(rule) AND not_after IS NOT NULL
                THEN CASE rule WHEN 'C05' THEN 'ended ' ELSE 'ends ' END || to_char(not_after AT TIME ZONE zone, 'FMDD Mon YYYY')
                ELSE left(regexp_replace(evidence_brief(evidence), '(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ',
                                         CASE WHEN zone = 'UTC' THEN '\1' ELSE '\1 \2 UTC' END, 'g'), 160) END
$$;

-- A next step (next_step.what) as letters and notices tell it, whose days are those of a zone: it has the certificate's end as a day of UTC,
-- as lists do, whose moments are in UTC.
CREATE FUNCTION step_in_zone(what text, not_after timestamptz, zone text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN zone = 'UTC' OR not_after IS NULL THEN what
                ELSE replace(replace(what, 'ends ' || day_text(not_after), 'ends ' || to_char(not_after AT TIME ZONE zone, 'YYYY-MM-DD')),
                             'ended ' || day_text(not_after), 'ended ' || to_char(not_after AT TIME ZONE zone, 'YYYY-MM-DD')) END
$$;

-- Certificates whose end somebody is told of (notices): what is served, and what is recorded or lies in a file and is not over. What is served nowhere and
-- was accepted has nobody who renews it.
CREATE VIEW ending_told AS
    SELECT n.* FROM certificate_now n CROSS JOIN report_as_of r
    WHERE n.is_leaf AND n.time IN ('renewal due', 'expiring', 'expired')
      AND NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
      AND (n.muted_until IS NULL OR n.muted_until <= r.as_of) AND n.record IS DISTINCT FROM 'ignored'
      AND (n.place_count > 0 OR n.record IS DISTINCT FROM 'accepted')
      AND NOT EXISTS (SELECT FROM decision_in_force d       -- muted for this rule alone
                      WHERE d.sha256 = n.sha256 AND d.kind = 'mute' AND d.rule = CASE n.time WHEN 'expired' THEN 'C05' ELSE 'C06' END);

-- Does this record, of the same names, take the place of a server's one with these days? (Inlined where it is joined.)
CREATE FUNCTION is_newer_record(newer managed_record, not_before timestamptz, not_after timestamptz, as_of timestamptz)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT newer.not_before > not_before AND newer.not_after > not_after AND coalesce(newer.status, 'issued') = 'issued'
           AND (newer.type IS NULL OR newer.type IN ('server', 'other'))
           AND newer.valid_from <= as_of AND (newer.valid_to IS NULL OR newer.valid_to > as_of)
$$;

-- May a record of this status, told from then to then, take another's place whose account says so? What was only ordered may not. (Without
-- coalesce(): of that the planner has no statistics.)
CREATE FUNCTION takes_place(status text, valid_from timestamptz, valid_to timestamptz, as_of timestamptz)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (status IS NULL OR status IN ('issued', 'replaced')) AND valid_from <= as_of AND (valid_to IS NULL OR valid_to > as_of)
$$;

-- Managed records whose certificate nobody has seen and no file holds, known by what the account tells of them alone; without those that
-- were replaced, and those of which some certificate that is served could be. key: the same for good, for notices and calendars, also where the
-- account tells something else of it. return_by: the last day to give it back, of what was delivered and is served nowhere.
CREATE VIEW unseen_record AS
    SELECT j.record, coalesce(r.common_name, r.name_set[1], r.subject, 'serial number ' || r.serial_number, 'order ' || r.order_number,
                              'record ' || r.file || ':' || r.line) AS name,
           r.issuer, coalesce(r.not_before, r.not_after - interval '1 year') AS not_before,
           record_moment(r.not_after, coalesce(p.zone, 'UTC')) AS not_after, j.safe_until AS ask_by, r.file || ':' || r.line AS told_by,
           coalesce(r.site, e.site) AS site, j.owner_basis, j.since, r.sha256,
           coalesce(r.sha256, sha256(convert_to(concat_ws(E'\x1f', 'record', coalesce(r.serial_number, r.order_number,
               nullif(array_to_string(r.name_set, ','), ''), r.common_name),
                                                          moment_text(r.not_after)), 'UTF8'))) AS key,
           'Find out whether it is still needed before renewing it' || coalesce(' (order ' || r.order_number || ')', ' (serial '
               || left(r.serial_number, 16) || ')', '')
           || ': it ends ' || day_text(r.not_after) || ', and no scan has seen it' AS what,
           CASE WHEN j.deployment = 'never served' THEN (r.delivered_at AT TIME ZONE p.zone)::date + p.test_window_days END AS return_by
    FROM record_judged j
    JOIN managed_record r ON r.id = j.record
    LEFT JOIN policy_term p ON true
    LEFT JOIN endpoint e ON e.id = j.endpoint
    WHERE j.reason IS DISTINCT FROM 'which certificate?'
      AND NOT EXISTS (SELECT FROM match_now m JOIN certificate_now n ON n.certificate = m.certificate WHERE m.record = j.record AND n.is_leaf
                      AND (m.is_counted OR n.place_count > 0))
      AND NOT j.is_replaced;

-- Where its record says that it should be: "www.example@192.0.2.1:443, ...".
CREATE FUNCTION record_places(the_record bigint) RETURNS text LANGUAGE sql STABLE STRICT AS $$
    SELECT string_agg(concat_ws('@', l.name, host(l.address)) || coalesce(':' || l.port::text, '')
                      || coalesce(at_site(site.name, (SELECT default_is_named())), ''),
                      ', ' ORDER BY l.address, l.name, l.port, site.name)
    FROM managed_location l LEFT JOIN site ON site.id = l.site WHERE l.record = the_record
$$;

-- Whose each place and each file of a certificate is.
CREATE VIEW owned_place AS
    SELECT certificate, owner_basis FROM endpoint_judged UNION ALL SELECT certificate, owner_basis FROM file_judged;

-- Which certificates that are served must be renewed by when, in all (is_total) and by owner (NULL: nobody): by the last safe day,
-- in days from the moment of judging. A certificate counts at each owner of a place or file of it, as the filter "owner" finds it, and not
-- once more at "shared by A; B", who are all of them: its rows sum to more than all. Without a filter the numbers are those that runs keep, and of
-- the owners only so many are read (most; NULL: all), the most urgent first.
CREATE FUNCTION renewals_due(filter jsonb, near bigint[], most bigint)
RETURNS TABLE (is_total boolean, owner text, overdue bigint, week bigint, month bigint, two_months bigint, three_months bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF filter = '{}' AND EXISTS (SELECT FROM ending_count) THEN
        RETURN QUERY
        SELECT true, NULL, coalesce(sum(c.count) FILTER (WHERE c.value = 'overdue'), 0)::bigint, coalesce(sum(c.count) FILTER (WHERE c.value = '0-7'), 0)::bigint,
               coalesce(sum(c.count) FILTER (WHERE c.value = '8-30'), 0)::bigint, coalesce(sum(c.count) FILTER (WHERE c.value = '31-60'), 0)::bigint,
               coalesce(sum(c.count) FILTER (WHERE c.value = '61-90'), 0)::bigint
        FROM now_count c WHERE c.site = 0 AND c.subject = 'to renew' HAVING count(*) > 0;
        IF most IS NULL THEN
            RETURN QUERY SELECT d.* FROM owner_due d;
        ELSE
            RETURN QUERY SELECT d.* FROM owner_due d
            ORDER BY d.overdue DESC, d.week DESC, d.month DESC, d.two_months DESC, d.three_months DESC, d.owner LIMIT most;
        END IF;
        RETURN;
    END IF;
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT n.certificate, n.owner_basis, renewal_span(n.safe_until - r.today) AS span
        FROM certificates_wanted(CASE WHEN filter ? 'due' THEN '{}'::jsonb ELSE '{"due": [null, 90]}' END || filter, near) n
        CROSS JOIN report_today r
        WHERE n.is_leaf
    ), owned AS (
        SELECT d.certificate, d.span, o.owner FROM due d LEFT JOIN owner_basis o ON o.id = d.owner_basis
        WHERE NOT is_of_several(o.evidence)
        UNION
        SELECT d.certificate, d.span, o.owner FROM due d JOIN owned_place j USING (certificate) JOIN owner_basis o ON o.id = j.owner_basis
    ), counted AS (
        SELECT true AS is_total, NULL AS owner, span FROM due
        UNION ALL
        SELECT false, o.owner, o.span FROM owned o
        WHERE filter->>'owner' IS NULL OR lower(o.owner) = lower(filter->>'owner') OR (filter->>'owner' = '' AND o.owner IS NULL)
    )
    SELECT c.is_total, c.owner, count(*) FILTER (WHERE span = 'overdue'), count(*) FILTER (WHERE span = '0-7'),
           count(*) FILTER (WHERE span = '8-30'), count(*) FILTER (WHERE span = '31-60'), count(*) FILTER (WHERE span = '61-90')
    FROM counted c WHERE span IS NOT NULL GROUP BY c.is_total, c.owner;
END $$;

-- How calendars call an event for good: by its owner, the site of the letters, and what it is about.
CREATE FUNCTION calendar_uid(owner text, site text, key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(encode(sha256(convert_to(owner || E'\n' || site || E'\n' || key, 'UTF8')), 'hex'), 40) || '@certsweep'
$$;
