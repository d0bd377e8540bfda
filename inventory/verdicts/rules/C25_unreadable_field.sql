-- title: A field is not written as the standard says, or cannot be right
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 5280, 4.1 and 4.2; X.690 (DER)
-- next step: Tell the CA; clients that are strict refuse such a certificate. Replace it.
-- What cannot be dated or read at all is graver than a list with one bad entry.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C25', s.certificate,
       CASE WHEN o.broken && ARRAY['structure', 'not_before', 'not_after', 'public_key', 'signature', 'extensions', 'subject_alt_names',
                                   'basic_constraints'] THEN 'high' ELSE 'medium' END,
       jsonb_build_object('fields', to_jsonb(array_remove(o.broken, 'limits')))
FROM subject s JOIN certificate_own o USING (certificate)
WHERE s.is_broken;

INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C25', s.certificate, 'high', jsonb_build_object('not_before', s.not_before, 'not_after', s.not_after)
FROM subject s
WHERE s.not_after < s.not_before AND NOT EXISTS (SELECT FROM hit h WHERE h.rule = 'C25' AND h.certificate = s.certificate)
