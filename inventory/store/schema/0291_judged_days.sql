-- Days go by the policy that judged, as the verdicts do that they belong to: one that is put to use changes them by the next run, together with
-- the verdicts. A run notes its policy when it begins, in its own transaction, so that it counts by it, and everybody else by the one before.

-- The policy that the verdicts are of, as heads of pages name it: not the one in use, where nothing was judged by that yet. The one in use, where
-- nothing was judged at all. (A replay has a view of its own.)
CREATE VIEW policy_judged AS
    SELECT p.* FROM policy p
    WHERE p.id = coalesce((SELECT policy FROM reconcile_run WHERE NOT is_replay ORDER BY id DESC LIMIT 1), (SELECT id FROM policy_current));

CREATE OR REPLACE VIEW policy_term AS
    SELECT p.id AS policy, p.name,
           coalesce(nullif(d ->> 'zone', ''), 'UTC') AS zone,
           coalesce(nullif(d ->> 'day_starts_at', ''), '08:00')::time AS day_starts_at,
           nullif(d ->> 'day_ends_at', '')::time AS day_ends_at,
           coalesce(nullif(d ->> 'installed_by', ''), 'customer') AS installed_by,
           ARRAY(SELECT lower(w) FROM jsonb_array_elements_text(d -> 'service_installers') w) AS service_installers,
           coalesce((d ->> 'lead_time_days')::integer, 14) AS lead_time_days,
           coalesce((d ->> 'lead_business_days')::integer, 0) AS lead_customer,
           coalesce((d ->> 'lead_business_days_service')::integer, 0) AS lead_service,
           coalesce((d ->> 'change_lead_business_days')::integer, 0) AS change_lead,
           nullif((d ->> 'request_window_days')::integer, 0) AS request_window_days,
           nullif((d ->> 'test_window_days')::integer, 0) AS test_window_days,
           coalesce((d ->> 'contacts_minimum')::integer, 0) AS contacts_minimum,
           coalesce((d ->> 'contacts_list_suffices')::boolean, true) AS contacts_list_suffices,
           nullif((d ->> 'licences')::integer, 0) AS licences,
           coalesce((d ->> 'max_names')::integer, 100) AS max_names
    FROM policy_judged p CROSS JOIN LATERAL (SELECT p.document AS d) doc
    OFFSET 0;

-- business_day with these holidays.
CREATE FUNCTION business_days_of(holidays jsonb) RETURNS TABLE (day date, number integer, is_business boolean) LANGUAGE sql STABLE AS $$
    SELECT d.day, (sum(d.is_business::integer) OVER (ORDER BY d.day))::integer, d.is_business
    FROM (SELECT d::date AS day, extract(isodow FROM d) < 6 AND h.day IS NULL AS is_business
          FROM generate_series(timestamp '2000-01-01', timestamp '2060-12-31', interval '1 day') d
          LEFT JOIN (SELECT DISTINCT x::date AS day FROM jsonb_array_elements_text(coalesce(holidays, '[]')) x) h ON h.day = d::date) d
$$;
CREATE OR REPLACE FUNCTION business_days_fill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE counted ON COMMIT DROP AS SELECT * FROM business_days_of((SELECT document -> 'holidays' FROM policy_judged));
    IF EXISTS (SELECT FROM counted c FULL JOIN business_day b USING (day)
               WHERE (c.number, c.is_business) IS DISTINCT FROM (b.number, b.is_business)) THEN
        DELETE FROM business_day;
        INSERT INTO business_day SELECT * FROM counted;
        ANALYZE business_day;
    END IF;
    DROP TABLE counted;
END $$;

-- Of a database whose policy was changed since its last run.
SELECT business_days_fill();
