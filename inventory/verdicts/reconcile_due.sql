-- When time alone changes trust verdicts: paths begin and end (H01), lists and OCSP answers expire (H10), revocations and releases
-- that are dated ahead come into force (H08); and when a certificate is overdue to be served (R04). Of each authority for all that it
-- signed, and of single certificates.
CREATE TEMP TABLE certificate_due AS
SELECT x.certificate, min(x.at) AS at
FROM judging j, (
    SELECT e.child AS certificate, t.at
    FROM revocation r
    CROSS JOIN LATERAL (VALUES (r.revoked_at), (r.released_at)) t (at)
    JOIN judging j ON t.at > j.as_of
    JOIN certificate_own o ON o.serial_number = r.serial_number
    JOIN edge e ON e.child = o.certificate AND e.authority = r.authority
    UNION ALL
    SELECT e.child, t.at
    FROM ocsp_good g
    CROSS JOIN LATERAL (VALUES (g.this_update), (g.next_update)) t (at)
    JOIN judging j ON t.at > j.as_of
    JOIN certificate_own o ON o.serial_number = g.serial_number
    JOIN edge e ON e.child = o.certificate AND e.authority = g.authority
    WHERE EXISTS (SELECT FROM crl)
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
