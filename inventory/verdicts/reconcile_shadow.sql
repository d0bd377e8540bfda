-- Creates temporary tables for a replay. They have the names of the tables of the present and hide them, so those do not change, and
-- later queries of this session read the replay. Views were bound to the present when they were made, so those over these
-- tables are made again: their definitions are read while the names still mean the present, and the views created in dependency order.
CREATE TEMP TABLE shadow_view AS
WITH RECURSIVE base AS (
    SELECT name::regclass::oid AS oid FROM (VALUES ('certificate_now'), ('endpoint_judged'), ('endpoint_unconfirmed'), ('file_judged'), ('file_now'),
                                            ('record_judged'), ('match_now'), ('finding'),
        ('verdict_past'), ('now_count'), ('owner_count'), ('ending_count'), ('site_ca'), ('site_ca_count'), ('report_as_of'),
            ('owner_rule_current'), ('policy_current'), ('policy_judged'), ('owner_import_judged'), ('business_day')) v (name)
), reads AS (
    SELECT DISTINCT r.ev_class AS view, d.refobjid AS reads
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class AND c.relpersistence <> 't'         -- what another session has made for itself is none of ours
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid <> r.ev_class
), hidden AS (
    SELECT r.view, 1 AS depth FROM reads r JOIN base b ON b.oid = r.reads
    UNION
    SELECT r.view, h.depth + 1 FROM reads r JOIN hidden h ON h.view = r.reads
)
SELECT h.view::regclass::text AS name, pg_get_viewdef(h.view) AS text, max(h.depth) AS depth
FROM hidden h
WHERE h.view NOT IN (SELECT oid FROM base)
GROUP BY h.view;
-- When the present's findings began, and those of the past (reconcile_began.sql).
CREATE TEMP VIEW finding_began AS
    SELECT certificate, endpoint, rule, since, 'infinity'::timestamptz AS until FROM finding
    UNION ALL
    SELECT coalesce(certificate, 0), coalesce(endpoint, 0), rule, since, until FROM verdict_past WHERE axis = 'policy';
CREATE TEMP TABLE certificate_now (LIKE certificate_now INCLUDING DEFAULTS);
CREATE TEMP TABLE endpoint_judged (LIKE endpoint_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE endpoint_unconfirmed (LIKE endpoint_unconfirmed INCLUDING DEFAULTS);
CREATE TEMP TABLE file_judged (LIKE file_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE key_judged (LIKE key_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE record_judged (LIKE record_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE match_now (LIKE match_now INCLUDING DEFAULTS);
CREATE TEMP TABLE finding (LIKE finding INCLUDING DEFAULTS);
CREATE TEMP TABLE verdict_past (LIKE verdict_past INCLUDING DEFAULTS);
CREATE TEMP TABLE now_count (LIKE now_count INCLUDING DEFAULTS);
CREATE TEMP TABLE owner_count (LIKE owner_count INCLUDING DEFAULTS);
CREATE TEMP TABLE ending_count (LIKE ending_count INCLUDING DEFAULTS);
CREATE TEMP TABLE site_ca (LIKE site_ca INCLUDING DEFAULTS);
CREATE TEMP TABLE site_naming AS SELECT * FROM site_naming;
CREATE TEMP TABLE site_ca_count (LIKE site_ca_count INCLUDING DEFAULTS);
CREATE TEMP TABLE business_day (LIKE business_day INCLUDING INDEXES);         -- reconcile_days_replay.sql
-- What lay in files then: the state found last until that day.
CREATE TEMP VIEW file_now AS
    SELECT DISTINCT ON (s.place) s.place, s.state, s.from_at AS since, n.first_at, least(s.to_at, j.as_of) AS last_at,
           CASE WHEN s.state IS NULL THEN s.from_at END AS gone_at, s.modified_at, n.size, n.scan
    FROM judging j JOIN file_span s ON s.from_at <= j.as_of JOIN file_now n ON n.place = s.place
    ORDER BY s.place, s.from_at DESC;
-- The rule book and the policy that were in force then; those of today where none was.
CREATE TEMP VIEW report_as_of AS SELECT as_of FROM judging;
CREATE TEMP VIEW owner_import_judged AS
    SELECT i.* FROM owner_import i
    WHERE i.id = coalesce((SELECT max(i.id) FROM judging j, owner_import i WHERE i.imported_at <= j.as_of), (SELECT max(id) FROM owner_import));
CREATE TEMP VIEW owner_rule_current AS
    SELECT r.* FROM owner_rule r WHERE r.import = (SELECT id FROM owner_import_judged);
CREATE TEMP VIEW policy_current AS
    SELECT p.* FROM judging j JOIN policy p ON p.id = j.policy;
CREATE TEMP VIEW policy_judged AS SELECT * FROM policy_current;
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT * FROM shadow_view ORDER BY depth, name LOOP
        EXECUTE format('CREATE TEMP VIEW %I AS %s', one.name, one.text);
    END LOOP;
END $$
