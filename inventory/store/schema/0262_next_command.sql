-- Which command follows from a list? In plpgsql, so that what is not asked is never planned.

-- The next useful command, one that runs and, if it is a list, has rows under the same filter (without the filter's options: next_command.c adds them).
-- near_...: certificates and endpoints that can be wanted, or NULL (report_near.sql). wish: what follows from the list that was read, if it has rows, or
-- NULL; report: that list's name, or NULL; is_empty: it has no row. NULL: nothing is to be done. What is over and served nowhere asks for nothing. Of the
-- whole inventory and of a site now_count has the answers.
CREATE FUNCTION next_command(filter jsonb, near_certificates bigint[], near_endpoints bigint[], wish text, report text,
                             is_empty boolean) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_whole boolean := filter - 'site' = '{}';
    is_document boolean := filter - '{site,owner}'::text[] = '{}' AND filter->>'owner' IS DISTINCT FROM '';
    at_site bigint := CASE WHEN filter->>'site' IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = filter->>'site') END;
    counted text[];         -- of the whole: what there is, but for findings about what is over
    gravest smallint;       -- of the findings that ask for something
    wished text := substring(wish FROM '^certsweep (?:report )?([a-z-]+)');
    has_served boolean;
BEGIN
    IF EXISTS (SELECT FROM dirty) OR judged_before() IS NOT NULL THEN
        RETURN 'certsweep reconcile';
    END IF;
    IF is_whole THEN
        counted := ARRAY(SELECT n.subject || ': ' || n.value FROM now_count n
                         LEFT JOIN now_count o ON o.site = n.site AND n.subject = 'severity' AND o.subject = 'over' AND o.value = n.value
                         WHERE n.site = at_site AND n.count > coalesce(o.count, 0));
        gravest := (SELECT min(s.rank) FROM severity s WHERE 'severity: ' || s.name = ANY (counted));
    ELSE
        gravest := (SELECT f.severity_rank FROM findings_wanted(filter, near_certificates, near_endpoints) f
                    WHERE (SELECT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
                           FROM certificate_now n        -- looked up until one is not
                           WHERE n.certificate = f.certificate AND f.endpoint = 0) IS NOT TRUE
                    ORDER BY f.severity_rank LIMIT 1);
    END IF;
    has_served := CASE WHEN is_whole THEN 'certificates: served now' = ANY (counted)
                       ELSE EXISTS (SELECT FROM certificates_wanted(filter, near_certificates) n WHERE n.is_leaf AND n.place_count > 0) END;
    IF (CASE wished WHEN report THEN NOT is_empty            -- the same in another format
                   WHEN 'scans' THEN NOT is_empty
                   WHEN 'findings' THEN gravest IS NOT NULL
                   WHEN 'certificates' THEN next_has(filter, near_certificates, wished, counted)
                   WHEN 'endpoints' THEN has_served AND (is_whole OR EXISTS (SELECT FROM places_wanted(filter, near_endpoints)))
                   WHEN 'coverage' THEN (NOT filter ?| '{network,port,name}' OR (report = 'recorded' AND NOT is_empty)) AND EXISTS (SELECT FROM scan s WHERE at_site IN (0, s.site)
                       AND s.started_at <= (SELECT until FROM report_until))
                   ELSE CASE WHEN wished IN ('expired', 'unmanaged', 'expiring') THEN has_served
                       AND next_has(filter, near_certificates, wished, counted) ELSE wish IS NOT NULL END END) THEN
        RETURN wish;
    END IF;
    IF has_served AND report IS DISTINCT FROM 'expired' AND next_has(filter, near_certificates, 'expired', counted) THEN
        RETURN 'certsweep report expired';
    ELSIF gravest = 1 THEN
        RETURN 'certsweep report findings --severity critical';
    ELSIF has_served AND report IS DISTINCT FROM 'unmanaged' AND next_has(filter, near_certificates, 'unmanaged', counted) THEN
        RETURN 'certsweep report unmanaged';
    ELSIF has_served AND report IS DISTINCT FROM 'expiring' AND next_has(filter, near_certificates, 'expiring', counted) THEN
        RETURN 'certsweep report expiring';
    ELSIF gravest = 2 OR 'severity: high' = ANY (counted) THEN
        RETURN 'certsweep report findings --severity high';
    ELSIF NOT is_whole AND gravest < 5 AND report IS DISTINCT FROM 'findings' THEN
        RETURN 'certsweep report findings';
    ELSIF is_document AND has_served THEN
        RETURN 'certsweep report discovery -o report.html';
    ELSIF is_document AND report IS DISTINCT FROM 'certificates' AND next_has(filter, near_certificates, 'certificates', counted) THEN
        RETURN 'certsweep report certificates';
    ELSIF is_whole THEN
        RETURN 'certsweep scan --help';
    END IF;
    RETURN NULL;
END $$;

-- Has that list something that asks for something? counted: next_command()'s, NULL where a filter narrows more than to a site.
CREATE FUNCTION next_has(filter jsonb, near bigint[], list text, counted text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF counted IS NOT NULL THEN
        RETURN counted && CASE list WHEN 'expired' THEN '{served time: expired}'::text[] WHEN 'unmanaged' THEN '{served record: unmanaged}'
                               WHEN 'expiring' THEN '{served time: expiring,served time: renewal due}' ELSE '{certificates: served or managed}' END;
    ELSIF list = 'expired' THEN
        RETURN EXISTS (SELECT FROM certificates_wanted(filter, near) n WHERE n.is_leaf AND n.time = 'expired' AND n.place_count > 0);
    ELSIF list = 'unmanaged' THEN
        RETURN EXISTS (SELECT FROM certificates_wanted(filter, near) n WHERE n.is_leaf AND n.record = 'unmanaged' AND n.place_count > 0);
    ELSIF list = 'expiring' THEN
        RETURN EXISTS (SELECT FROM certificates_wanted(filter, near) n WHERE n.is_leaf AND n.time IN ('expiring', 'renewal due') AND n.place_count > 0);
    END IF;
    RETURN EXISTS (SELECT FROM certificates_wanted(filter, near) n
                   WHERE n.is_leaf AND NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at));
END $$;
