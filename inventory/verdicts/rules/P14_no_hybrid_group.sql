-- title: No post-quantum key exchange
-- version: 1
-- severity: info
-- applies to: any
-- needs: posture hybrid_groups
-- source: EO 14409 (key establishment by 2030-12-31 for high-value assets); IR 8547
-- next step: Plan for a TLS library with X25519MLKEM768 (OpenSSL 3.5 and newer, GnuTLS 3.8.9).
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT DISTINCT 'P14', s.endpoint, 'info', jsonb_build_object('refused', 'hybrid groups') FROM spoken s
WHERE s.item = 'no_hybrid_groups'
