-- title: An extension stands twice
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.2 (not more than one instance of an extension)
-- next step: Tell the CA; clients refuse it, or read one of the two and nobody knows which. Replace it.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C24', s.certificate, 'high', jsonb_build_object('extensions', to_jsonb(p.duplicate_extensions))
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.duplicate_extensions <> '{}'
