-- title: Bytes in the clear after the agreement to TLS
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 3207, 6; CVE-2011-0411
-- next step: Update the server, or find out who answers in its place: what it sends after its agreement must be TLS.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P16', s.endpoint, 'high',
       jsonb_build_object('seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s
WHERE s.item = 'cleartext_after_starttls'
GROUP BY s.endpoint
