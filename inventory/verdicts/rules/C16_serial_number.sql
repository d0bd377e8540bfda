-- title: Serial number is no positive number of at most 20 bytes, too short, or given twice
-- version: 4
-- severity: medium
-- applies to: any
-- source: RFC 5280, 4.1.2.2; BR 7.1.2.7 (below 2^159, 64 bits of chance)
-- next step: Tell the CA; some clients refuse such certificates.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C16', s.certificate, 'medium',
       jsonb_build_object('serial_number', left(f.serial_number, 100), 'bytes', f.serial_bytes,
                          'expected', CASE WHEN f.serial_number LIKE '-%' OR f.serial_number = '0' THEN 'a positive number'
                                           WHEN s.has_odd_serial THEN 'at most 20 bytes' ELSE 'at least 8 bytes of chance' END)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.has_odd_serial
   -- 64 bits from a generator have fewer than seven bytes once in 131,072 times.
   OR (s.is_public AND s.is_leaf AND NOT s.is_ca AND s.not_before >= '2016-09-30 00:00:00+00' AND s.has_short_serial);

-- One serial number in two certificates that one key has signed. Short numbers are what appliances give themselves.
WITH repeated AS (        -- most numbers are in one certificate; the other is in scope, or as an earlier run has seen it
    SELECT serial_key FROM known WHERE has_long_serial GROUP BY serial_key HAVING count(*) > 1
    UNION
    SELECT s.serial_key FROM subject s JOIN certificate_now c USING (serial_key)
    WHERE s.has_long_serial AND c.certificate <> s.certificate AND NOT (SELECT is_full FROM judging)
), candidate AS MATERIALIZED (
    SELECT k.serial_key, k.certificate FROM known k JOIN repeated USING (serial_key)
    UNION SELECT c.serial_key, c.certificate FROM repeated JOIN certificate_now c USING (serial_key) WHERE NOT (SELECT is_full FROM judging)
), twice AS MATERIALIZED (
    SELECT t.serial_key, e.authority, count(*) AS certificates,
           to_jsonb((array_agg(DISTINCT coalesce(o.common_names[1], o.name_set[1], o.subject)))[:5]) AS names
    FROM candidate t
    JOIN edge e ON e.child = t.certificate AND e.authority IS NOT NULL
    JOIN certificate_own o ON o.certificate = t.certificate
    JOIN profile p ON p.id = o.profile AND NOT p.is_precertificate
    GROUP BY t.serial_key, e.authority HAVING count(*) > 1
)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C16', s.certificate, 'medium', jsonb_build_object('serial_number', left(o.serial_number, 100), 'certificates_with_it', g.certificates,
           'used_for', g.names, 'expected', 'one certificate for each number')
FROM twice g
JOIN subject s USING (serial_key)
JOIN edge e ON e.child = s.certificate AND e.authority = g.authority
JOIN certificate_own o ON o.certificate = s.certificate
LEFT JOIN hit h ON h.rule = 'C16' AND h.certificate = s.certificate
WHERE h.rule IS NULL
