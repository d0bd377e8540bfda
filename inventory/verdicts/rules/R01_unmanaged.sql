-- title: Nobody manages this certificate
-- version: 2
-- severity: medium
-- applies to: any
-- needs: managed
-- source: NIST SP 1800-16B, 4.1.1 (inventory)
-- next step: Take it into your CA account or import its record, or replace it; if it may stay, accept it with a reason.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R01', a.certificate, 'medium',
       jsonb_build_object('places', p.place_count,
                          'reason', CASE WHEN a.record_step <> 'R-unmatched' THEN record_evidence(a.record_step, NULL, NULL) ->> 'reason' END)
FROM axes a JOIN placed p USING (certificate)
WHERE a.record = 'unmanaged'
