-- By which day each finding is to be settled: the one answer that lists, documents, calendars and notices share.

-- The policy's words on it. A row always.
CREATE VIEW due_setting AS
    SELECT coalesce((p.document->>'lead_time_days')::integer, 14) AS lead_days,
           coalesce((SELECT array_agg(days::integer ORDER BY ordinal)
                     FROM jsonb_array_elements_text(p.document->'act_days') WITH ORDINALITY d (days, ordinal)),
                    '{7,30,90,180}') AS act_days
    FROM (VALUES (1)) one (n) LEFT JOIN policy_current p ON true;

-- What ends by itself (C05, C06, C07) has its last safe day: so long before the end as a renewal takes. Everything else has
-- the days that the policy gives a finding of its severity, from the run that found it first. Information has no day: NULL.
CREATE FUNCTION finding_act_by(rule text, severity_rank smallint, since timestamptz, not_after timestamptz,
                               lead_days integer, act_days integer[]) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN rule IN ('C05', 'C06', 'C07') AND not_after IS NOT NULL
                THEN (not_after AT TIME ZONE 'UTC')::date - lead_days
                WHEN severity_rank <= cardinality(act_days) THEN (since AT TIME ZONE 'UTC')::date + act_days[severity_rank] END
$$;

-- What was seen, in a few words for a line of a list: days without their time, and of what ends by itself only its end.
CREATE FUNCTION finding_seen(rule text, evidence jsonb, not_after timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN rule IN ('C05', 'C06', 'C07') AND not_after IS NOT NULL
                THEN CASE rule WHEN 'C05' THEN 'ended ' ELSE 'ends ' END || to_char(not_after AT TIME ZONE 'UTC', 'FMDD Mon YYYY')
                ELSE left(regexp_replace(evidence_text(evidence), '(\d{4}-\d\d-\d\d) \d\d:\d\d', '\1', 'g'), 160) END
$$;
