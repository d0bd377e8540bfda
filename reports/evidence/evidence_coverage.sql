-- How much is known beside what the latest runs asked (document_asked.sql). $1 site or NULL. Columns: places, runs not finished; then the
-- database's version and the policy.
SELECT (SELECT count(DISTINCT endpoint) FROM document_place WHERE endpoint <> 0) AS places_with_a_certificate,
       (SELECT count(*) FROM scan s JOIN site st ON st.id = s.site CROSS JOIN report_until u
        WHERE s.finished_at IS NULL AND s.started_at <= u.until AND ($1::text IS NULL OR st.name = $1)) AS runs_not_finished,
       current_setting('server_version') AS postgresql,
       (SELECT encode(sha256, 'hex') FROM policy_judged) AS policy_sha256
