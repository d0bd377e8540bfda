-- title: No extended master secret in TLS 1.2
-- version: 1
-- severity: low
-- applies to: any
-- needs: posture extended_master_secret
-- source: RFC 7627; RFC 9325, 3.5
-- next step: Update the server's TLS library.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT DISTINCT 'P08', s.endpoint, 'low', jsonb_build_object('refused', 'extended_master_secret') FROM spoken s
WHERE s.item = 'no_extended_master_secret'
