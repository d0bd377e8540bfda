-- title: A root programme does not trust what this CA issued after a date
-- version: 2
-- severity: high
-- applies to: server, unknown
-- source: Chrome Root Program, Mozilla and Apple notices on Entrust (2024), Chunghwa and NetLock (2025), TrustCor (2022); policy
-- next step: Take a certificate from another CA before users of that software meet an error.
-- Where a programme goes by the earliest SCT, an embedded one counts; where none is, the issue date, which lies within a day of it.
WITH reached AS (    -- roots of public stores above each authority
    SELECT DISTINCT p.authority, p.root FROM ca_path p JOIN trust_store s ON s.id = p.store AND s.kind = 'public' WHERE p.fault IS NULL),
distrust AS MATERIALIZED (
    SELECT root, programme, not_after, from_version, by_sct FROM root_distrust_all),
distrusted AS (      -- programmes that distrust each of them, as of the latest date
    SELECT r.authority, d.programme, max(d.not_after) AS not_after, min(d.from_version) AS from_version, min(r.root) AS root,
           bool_and(d.by_sct) AS by_sct
    FROM reached r JOIN distrust d ON d.root = r.root
    GROUP BY r.authority, d.programme
    HAVING count(DISTINCT r.root) = (SELECT count(*) FROM reached a WHERE a.authority = r.authority))
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C21', s.certificate, 'high',
       jsonb_build_object('issuer', f.issuer, 'not_before', f.not_before, 'root', max(root.subject), 'distrusted_by',
           jsonb_agg(jsonb_strip_nulls(jsonb_build_object('programme', d.programme, 'issued_after', d.not_after, 'from_version', d.from_version))
                     ORDER BY d.programme))
FROM subject s
JOIN certificate_facts f USING (certificate)
JOIN distrusted d ON d.authority = s.authority
     AND CASE WHEN d.by_sct AND f.sct_times_ms <> '{}'
              THEN to_timestamp((SELECT min(t) FROM unnest(f.sct_times_ms) t) / 1000.0) ELSE f.not_before END > d.not_after
JOIN certificate_facts root ON root.certificate = d.root
WHERE s.is_leaf
GROUP BY s.certificate, f.issuer, f.not_before
