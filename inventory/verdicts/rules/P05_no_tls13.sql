-- title: TLS 1.3 is not spoken
-- version: 1
-- severity: medium
-- applies to: any
-- needs: posture tls13
-- source: SP 800-52r2, 3.1 (since 2024-01-01); EO 14144 as amended (by 2030-01-02)
-- next step: Update the server's TLS library and switch TLS 1.3 on; TLS 1.2 stays beside it.
INSERT INTO hit (rule, endpoint, severity, evidence, next_change_at)
SELECT DISTINCT 'P05', s.endpoint, CASE WHEN j.is_tls13_required OR j.as_of >= '2030-01-02 00:00:00+00' THEN 'high' ELSE 'medium' END,
       jsonb_build_object('refused', 'TLSv1.3'),
       CASE WHEN NOT j.is_tls13_required AND j.as_of < '2030-01-02 00:00:00+00' THEN timestamptz '2030-01-02 00:00:00+00' END
FROM judging j, spoken s WHERE s.item = 'no_tls13'
