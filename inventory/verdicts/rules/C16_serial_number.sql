-- title: Serial number is not a positive number of at most 20 bytes
-- version: 2
-- severity: medium
-- source: RFC 5280, 4.1.2.2; BR 7.1.2.7 (below 2^159)
-- next step: Tell the CA; some clients refuse such certificates.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C16', s.certificate, 'medium', jsonb_build_object('serial_number', left(f.serial_number, 100), 'bytes', f.serial_bytes)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.has_odd_serial OR f.serial_bytes > 20
