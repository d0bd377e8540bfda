-- How much is known. $1 site or NULL. Columns: positions asked, answered, places, places not asked what else they accept, runs not
-- finished; then the database's version and schema.
SELECT (SELECT coalesce(sum(o.count), 0) FROM scan_outcome o JOIN scan s ON s.id = o.scan JOIN site st ON st.id = s.site
        WHERE $1::text IS NULL OR st.name = $1)::bigint AS asked,
       (SELECT coalesce(sum(o.count), 0) FROM scan_outcome o JOIN outcome oc ON oc.id = o.outcome JOIN scan s ON s.id = o.scan
        JOIN site st ON st.id = s.site WHERE oc.is_answer AND ($1::text IS NULL OR st.name = $1))::bigint AS answered,
       (SELECT count(DISTINCT endpoint) FROM document_place WHERE endpoint <> 0) AS places_with_a_certificate,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p
        WHERE p.endpoint <> 0 AND NOT EXISTS (SELECT FROM posture t WHERE t.endpoint = p.endpoint)) AS places_untested,
       (SELECT count(*) FROM scan s JOIN site st ON st.id = s.site
        WHERE s.finished_at IS NULL AND ($1::text IS NULL OR st.name = $1)) AS runs_not_finished,
       current_setting('server_version') AS postgresql,
       (SELECT encode(sha256, 'hex') FROM policy_current) AS policy_sha256
