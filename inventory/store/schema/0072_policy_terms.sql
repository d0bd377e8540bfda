-- The deadlines of the policy in force: who must request a renewal by when. These are views over its document, so nothing is stored twice.

-- One row: the policy in force. NULL or 0: not set. (OFFSET 0: computed once, not per joined row.)
CREATE VIEW policy_term AS
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
    FROM policy_current p CROSS JOIN LATERAL (SELECT p.document AS d) doc
    OFFSET 0;

-- The requirements of the documents behind the policy in force, and the rules that prove each.
CREATE VIEW policy_clause AS
    SELECT p.id AS policy, c.value ->> 'pack' AS pack, c.value ->> 'id' AS clause, c.ordinality::integer AS ordinal,
           c.value ->> 'title' AS title, c.value ->> 'source' AS source,
           ARRAY(SELECT jsonb_array_elements_text(c.value -> 'rules')) AS rules, c.value ->> 'note' AS note
    FROM policy_current p, jsonb_array_elements(coalesce(p.document -> 'clauses', '[]')) WITH ORDINALITY c;

-- The days of the policy in force: number = working days up to and with that day, so the n-th working day before a day is found
-- by a difference. `policy use` fills it.
CREATE TABLE business_day (
    day date PRIMARY KEY,
    number integer NOT NULL,
    is_business boolean NOT NULL        -- no Saturday, Sunday or holiday
);
CREATE UNIQUE INDEX business_day_number ON business_day (number) WHERE is_business;

CREATE FUNCTION business_days_fill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE counted ON COMMIT DROP AS
    SELECT day, (sum(is_business::integer) OVER (ORDER BY day))::integer AS number, is_business
    FROM (SELECT d::date AS day, extract(isodow FROM d) < 6 AND h.day IS NULL AS is_business
          FROM generate_series(timestamp '2000-01-01', timestamp '2060-12-31', interval '1 day') d
          LEFT JOIN (SELECT DISTINCT x::date AS day FROM policy_current p, jsonb_array_elements_text(coalesce(p.document -> 'holidays', '[]')) x) h
                 ON h.day = d::date) days;
    IF EXISTS (SELECT FROM counted c FULL JOIN business_day b USING (day)
               WHERE (c.number, c.is_business) IS DISTINCT FROM (b.number, b.is_business)) THEN
        DELETE FROM business_day;
        INSERT INTO business_day SELECT * FROM counted;
        ANALYZE business_day;
    END IF;
    DROP TABLE counted;
END $$;
