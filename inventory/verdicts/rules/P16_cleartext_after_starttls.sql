-- title: Bytes in the clear after the agreement to TLS
-- version: 2
-- severity: high
-- applies to: any
-- source: RFC 3207, 6; CVE-2011-0411
-- next step: Update the server, or find out who answers in its place: what it sends after its agreement must be TLS.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P16', s.endpoint, 'high',
       jsonb_build_object('sent', min(s.chosen), 'seen_by', jsonb_agg(DISTINCT s.source), 'expected', 'TLS alone')
FROM spoken s
WHERE s.item = 'cleartext_after_starttls'
GROUP BY s.endpoint
