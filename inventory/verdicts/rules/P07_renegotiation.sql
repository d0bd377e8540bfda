-- title: Secure renegotiation is not supported
-- version: 1
-- severity: medium
-- applies to: any
-- needs: posture secure_renegotiation
-- source: RFC 5746; RFC 9325, 3.5
-- next step: Update the server's TLS library, or switch TLS 1.2 off where TLS 1.3 is spoken.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT DISTINCT 'P07', s.endpoint, 'medium', jsonb_build_object('refused', 'renegotiation_info') FROM spoken s
WHERE s.item = 'no_secure_renegotiation'
