-- A replay's verdicts as rows of one value each, for queries in this session.
CREATE TEMP VIEW judged AS
    SELECT 'record' AS axis, record_step AS rule, certificate, NULL::bigint AS endpoint, NULL::bigint AS record,
           n.record AS value, NULL AS severity, record_evidence(record_step, record_id, decision) AS evidence,
           NULL::timestamptz AS next_change_at
    FROM certificate_now n WHERE is_leaf
    UNION ALL
    SELECT 'issuer', issuer_step, certificate, NULL, NULL, issuer, NULL,
           issuer_evidence(issuer_step, predicate, certificate), NULL
    FROM certificate_now WHERE is_leaf
    UNION ALL
    SELECT 'time', 'T-dates', certificate, NULL, NULL, time, NULL, NULL, next_change_at FROM certificate_now WHERE is_leaf
    UNION ALL
    SELECT 'deployment', 'D-served', certificate, endpoint, NULL, deployment, NULL,
           deployment_evidence(deployment, record_id, newer_record, expected_record), NULL
    FROM endpoint_judged
    UNION ALL
    SELECT 'deployment', 'D-recorded', certificate, endpoint, j.record, deployment, NULL, 
           recorded_evidence(j.record, endpoint, deployment, outcome, reason), next_change_at
    FROM record_judged j
    UNION ALL
    SELECT 'policy', f.rule, nullif(f.certificate, 0), nullif(f.endpoint, 0), NULL, 'hit', s.name, f.evidence, f.next_change_at
    FROM finding f JOIN severity s ON s.rank = f.severity_rank
    UNION ALL       -- when a CA certificate expires, the verdicts of those sent with it change
    SELECT 'chain', 'T-dates', certificate, NULL, NULL, 'sent', NULL, NULL, next_change_at
    FROM certificate_now WHERE NOT is_leaf
