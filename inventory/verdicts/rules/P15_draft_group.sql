-- title: A draft of a post-quantum group that was given up is spoken
-- version: 1
-- severity: low
-- applies to: any
-- source: draft-ietf-tls-ecdhe-mlkem (0x6399 was X25519Kyber768Draft00)
-- next step: Update the server's TLS library: current clients do not know the draft's group any more.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P15', n.endpoint, 'low', jsonb_build_object('group', 'X25519Kyber768Draft00')
FROM scope_endpoint x JOIN endpoint_now n USING (endpoint)
WHERE n.named_group IN (25497, 65072) AND n.gone_at IS NULL
