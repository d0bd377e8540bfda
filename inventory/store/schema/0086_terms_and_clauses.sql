-- When each certificate ends in working days. deadline_at: the earlier of not_after and the day's end (17:00, say) in the
-- policy's zone on not_after's local date. last_day: the last day of work before it. ask_by_...: the last day on which a renewal
-- may be requested; that day does not count, and the renewal's last day may be last_day. ask_by goes by installed_by: who installs it
-- by its record, else by the policy. window_opens_on: no request is accepted earlier. Where the policy counts no working days,
-- lead_time_days counts.
CREATE FUNCTION installed_by(installer text, by_policy text, service_words text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(installer, '') = '' THEN by_policy
                WHEN EXISTS (SELECT FROM unnest(service_words) w WHERE strpos(lower(installer), w) > 0) THEN 'service'
                ELSE 'customer' END
$$;
CREATE FUNCTION deadline_of(not_after timestamptz, day_ends_at time, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN zone IS NULL THEN NULL WHEN day_ends_at IS NULL THEN not_after
                ELSE least(not_after, ((not_after AT TIME ZONE zone)::date + day_ends_at) AT TIME ZONE zone) END
$$;
-- A day of work that begins at 08:00 is the date eight hours earlier.
CREATE FUNCTION work_day_of(deadline_at timestamptz, day_starts_at time, zone text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (deadline_at AT TIME ZONE zone - day_starts_at::interval)::date
$$;
-- Each certificate with all columns and its terms, NULL where there is no policy or the end cannot be read. installed_by() queries, so it is called
-- only where a record names an installer.
CREATE VIEW certificate_term AS
    SELECT n.*, t.zone, d.deadline_at, l.last_day, l.last_day - t.request_window_days AS window_opens_on, x.ask_by_customer, x.ask_by_service,
           CASE i.installed_by WHEN 'service' THEN x.ask_by_service ELSE x.ask_by_customer END AS ask_by, i.installed_by
    FROM certificate_now n
    LEFT JOIN policy_term t ON isfinite(n.not_after)
    LEFT JOIN managed_record m ON m.id = n.record_id AND n.record = 'managed' AND m.installer <> '' AND t.zone IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.installer IS NULL THEN t.installed_by
                    ELSE installed_by(m.installer, t.installed_by, t.service_installers) END AS installed_by) i
    CROSS JOIN LATERAL (SELECT deadline_of(n.not_after, t.day_ends_at, t.zone) AS deadline_at) d
    CROSS JOIN LATERAL (SELECT work_day_of(d.deadline_at, t.day_starts_at, t.zone) AS last_day) l
    LEFT JOIN business_day b ON b.day = l.last_day
    LEFT JOIN business_day c ON c.is_business AND c.number = b.number - nullif(t.lead_customer, 0) - t.change_lead
    LEFT JOIN business_day s ON s.is_business AND s.number = b.number - nullif(t.lead_service, 0) - t.change_lead
    CROSS JOIN LATERAL (
        SELECT coalesce(c.day, l.last_day - t.lead_time_days) AS ask_by_customer,
               coalesce(s.day, c.day, l.last_day - t.lead_time_days) AS ask_by_service) x;

-- The last day on which anything can be asked of a certificate: to ask for its renewal, if such a day is known (renewal_term.ask_by), else its
-- end. NULL: neither is known. Days are those of the zone.
CREATE FUNCTION last_safe_day(ask_by date, not_after timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(ask_by, CASE WHEN isfinite(not_after) THEN (not_after AT TIME ZONE zone)::date END)
$$;

CREATE VIEW renewal_term AS
    SELECT certificate, not_after, zone, deadline_at, last_day, window_opens_on, ask_by_customer, ask_by_service, ask_by, installed_by
    FROM certificate_term WHERE zone IS NOT NULL;

-- ask_by of each day of work, by who installs, for runs, which keep it. Days beyond the calendar are left out.
CREATE VIEW term_day AS
    SELECT b.day, coalesce(c.day, b.day - t.lead_time_days) AS ask_by_customer, coalesce(s.day, c.day, b.day - t.lead_time_days) AS ask_by_service
    FROM policy_term t CROSS JOIN business_day b
    LEFT JOIN business_day c ON c.is_business AND c.number = b.number - nullif(t.lead_customer, 0) - t.change_lead
    LEFT JOIN business_day s ON s.is_business AND s.number = b.number - nullif(t.lead_service, 0) - t.change_lead;

-- The licences of the policy in force: how many there are (0: not set), how many adopted certificates use (a renewal uses that of the one
-- before it; what was adopted, and is of an own CA or self-signed, takes none), how many foreign certificates are served that nobody manages.
CREATE VIEW licence_account AS
    SELECT coalesce((SELECT nullif(document ->> 'licences', '')::bigint FROM policy_current), 0) AS licences,
           (SELECT count(DISTINCT d.sha256)
            FROM decision_open d LEFT JOIN certificate c USING (sha256) LEFT JOIN certificate_now n ON n.certificate = c.id
            WHERE d.kind = 'adopt' AND d.inherited_from IS NULL AND (n.issuer IS NULL OR is_adoptable(n.issuer))) AS used,
           (SELECT count(*) FROM certificate_now WHERE issuer = 'foreign' AND record = 'unmanaged' AND place_count > 0) AS foreign_found;
