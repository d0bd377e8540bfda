-- When time alone changes trust verdicts: paths begin and end (H01), lists and OCSP answers expire (H10), revocations and releases
-- that are dated ahead come into force (H08); and when a certificate is overdue to be served (R04). Of each authority for all that it
-- signed, and of single certificates.
CREATE TEMP TABLE certificate_due AS
WITH ahead AS MATERIALIZED (         -- mostly few (with OCSP one for each certificate): selected first, so that no certificate is looked up where there are none
    SELECT r.authority, r.serial_number, r.revoked_at AS at FROM judging j JOIN revocation r ON r.revoked_at > j.as_of
    UNION ALL
    SELECT r.authority, r.serial_number, r.released_at FROM judging j JOIN revocation r ON r.released_at > j.as_of
    UNION ALL
    SELECT g.authority, g.serial_number, g.this_update FROM judging j JOIN ocsp_good g ON g.this_update > j.as_of WHERE EXISTS (SELECT FROM crl)
    UNION ALL
    SELECT g.authority, g.serial_number, g.next_update FROM judging j JOIN ocsp_good g ON g.next_update > j.as_of WHERE EXISTS (SELECT FROM crl)
)
SELECT x.certificate, min(x.at) AS at
FROM judging j, (
    SELECT e.child AS certificate, a.at
    FROM ahead a
    JOIN certificate_own o ON o.serial_number = a.serial_number
    JOIN edge e ON e.child = o.certificate AND e.authority = a.authority
    UNION ALL
    SELECT k.certificate, coalesce(r.delivered_at, k.not_before) + make_interval(days => w.days)
    FROM (SELECT coalesce(max(test_window_days), 25) AS days FROM policy_term) w
    CROSS JOIN record_open r JOIN known k USING (certificate)
    WHERE r.is_held AND k.first_seen IS NULL) x
WHERE x.at > j.as_of
GROUP BY x.certificate;
ANALYZE certificate_due;

CREATE TEMP TABLE authority_due AS
SELECT x.authority, min(x.at) AS at
FROM judging j, (
    SELECT p.authority, t.at
    FROM ca_path p CROSS JOIN LATERAL (VALUES (p.not_before), (p.not_after + interval '1 second')) t (at)
    WHERE p.fault IS NULL
    UNION ALL
    SELECT c.authority, t.at FROM crl c CROSS JOIN LATERAL (VALUES (c.this_update), (c.next_update)) t (at) WHERE c.is_complete
    UNION ALL           -- the revocation of a CA certificate affects everything issued below it
    SELECT p.authority, d.at FROM certificate_due d JOIN ca_path p ON d.certificate = ANY (p.certificates)) x
WHERE x.at > j.as_of
GROUP BY x.authority;
ANALYZE authority_due
