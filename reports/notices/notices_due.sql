-- Columns: how many notices have no mail address; whose, as "owner: contact (count); ...", NULL: none.
-- Records what is due and was not recorded: the latest step that each certificate has reached, for each of its
-- contacts, and each record whose certificate nobody has seen (by its key, in place of a hash); what stays overdue for the manager of its owner and
-- for the policy's escalation_contacts. Steps that were reached earlier but not sent are skipped. Muted and ignored certificates are left out. A
-- manager who is a contact, too, is told as one.
WITH setting AS MATERIALIZED (
    SELECT r.as_of, d.today,
           coalesce((SELECT array_agg(v::integer) FROM jsonb_array_elements_text(p.document->'notice_days') v), '{90,60,30,7}') AS days,
           coalesce((SELECT array_agg(v::integer) FROM jsonb_array_elements_text(p.document->'share_of_life_percent') v), '{33,20,10}') AS shares,
           coalesce((p.document->>'escalate_after_days')::integer, 0) AS escalate_after,
           coalesce((SELECT array_agg(v) FROM jsonb_array_elements_text(p.document->'escalation_contacts') v), '{}') AS managers
    FROM report_as_of r CROSS JOIN report_today d LEFT JOIN policy_judged p ON true
), ends AS (
    SELECT n.certificate, n.sha256, n.not_after, n.not_before, n.owner_basis, n.safe_until AS ask_by FROM ending_told n
    UNION ALL
    SELECT DISTINCT ON (u.key) NULL, u.key, u.not_after, u.not_before, u.owner_basis, u.ask_by FROM unseen_record u CROSS JOIN setting s
        WHERE u.not_after > s.as_of
), due AS MATERIALIZED (
    SELECT n.certificate, n.sha256, n.not_after, n.not_before, n.ask_by, coalesce(o.owner, '') AS owner, coalesce(o.contacts, '{}') AS contacts,
           is_of_several(o.evidence) AS is_shared, ARRAY(SELECT lower(m) FROM unnest(coalesce(o.members, ARRAY[o.owner])) m) AS owners
    FROM ends n
    LEFT JOIN owner_basis o ON o.id = n.owner_basis        -- without an owner none but the escalation_contacts can be told, and that is said
), stepped AS (
    SELECT d.*, CASE WHEN d.not_after <= s.as_of THEN 'expired'
                     WHEN d.not_after - d.not_before > interval '180 days'
                     THEN (SELECT min(n) || ' days' FROM unnest(s.days) n WHERE s.as_of >= d.not_after - make_interval(days => n))
                     ELSE (SELECT min(n) || ' percent of its life' FROM unnest(s.shares) n
                           WHERE s.as_of >= d.not_after - (d.not_after - d.not_before) * (n / 100.0)::float8) END AS step
    FROM due d, setting s
), manager AS MATERIALIZED (            -- of each owner, by the rules in force
    SELECT lower(r.owner) AS owner, array_agg(DISTINCT m.contact) AS managers
    FROM owner_rule_current r CROSS JOIN LATERAL unnest(r.manager_contacts) m (contact) GROUP BY lower(r.owner)
), told AS (
    SELECT c.contact, t.sha256, t.step, t.owner FROM stepped t CROSS JOIN LATERAL unnest(t.contacts) c (contact) WHERE t.step IS NOT NULL
    UNION
    SELECT m.contact, t.sha256, 'escalated', t.owner
    FROM stepped t CROSS JOIN setting s
    CROSS JOIN LATERAL (SELECT unnest(o.managers) FROM manager o WHERE o.owner = ANY (t.owners)
                        UNION SELECT unnest(s.managers)) m (contact)
    WHERE s.escalate_after > 0 AND s.today > t.ask_by + s.escalate_after
      AND NOT EXISTS (SELECT FROM unnest(t.contacts) c (contact) WHERE lower(c.contact) = lower(m.contact))
)
, made AS (
    INSERT INTO notice (contact, sha256, step, owner, made_at)
    SELECT lower(contact), sha256, step, owner, (SELECT as_of FROM setting) FROM told WHERE is_mail_address(contact)
    ON CONFLICT DO NOTHING
), unsent AS (                          -- by whom they would have been for
    SELECT left(regexp_replace(coalesce(nullif(owner, ''), 'nobody') || ': ' || contact, '[[:cntrl:]]+', ' ', 'g'), 200) AS whom,
        count(*) AS count FROM told WHERE NOT is_mail_address(contact) GROUP BY 1
    UNION ALL
    SELECT left(regexp_replace(coalesce(nullif(w.owner, ''), 'nobody'), '[[:cntrl:]]+', ' ', 'g'), 200) || ': no contact', count(*)
    FROM stepped t CROSS JOIN LATERAL (     -- each of its owners
        SELECT t.owner WHERE NOT t.is_shared
        UNION SELECT b.owner FROM owned_place p JOIN owner_basis b ON b.id = p.owner_basis WHERE t.is_shared AND p.certificate = t.certificate) w
    WHERE t.step IS NOT NULL AND cardinality(t.contacts) = 0 GROUP BY 1
), shown AS (
    SELECT whom || ' (' || count || ')' AS text, count, row_number() OVER (ORDER BY count DESC, whom) AS ordinal FROM unsent
)
SELECT (SELECT count(*) FROM told WHERE NOT is_mail_address(contact)) + (SELECT count(*) FROM stepped WHERE step IS NOT NULL AND cardinality(contacts) = 0),
       string_agg(text, ' · ' ORDER BY ordinal) FILTER (WHERE ordinal <= 10)
       || CASE WHEN count(*) > 10 THEN ' · and ' || count(*) - 10 || ' more' ELSE '' END
FROM shown
