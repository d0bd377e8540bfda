-- Reads the evidence endpoint by endpoint; of each key its earlier spans first, then its answers by time.
DECLARE evidence NO SCROLL CURSOR FOR
SELECT e.kind, e.source, e.endpoint, e.role, e.peer, e.variant, e.chain, e.leaf, e.scan, e.first_at, e.last_at, e.hour, e.closed_at,
       e.missed, e.several, e.is_last, e.absent, e.finished, e.tls_version, e.cipher_suite, k.first_at, k.gone_at, k.is_known
FROM in_evidence e JOIN in_changed k ON k.endpoint = e.endpoint
ORDER BY e.endpoint, e.role, e.peer, e.variant, e.kind <> 1, e.first_at, e.kind, e.chain_sha256
