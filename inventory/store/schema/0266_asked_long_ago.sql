-- A record that is not judged says whether its place was never asked, as far as is known, or too long ago. The next run judges again, over
-- everything. What to do is the same.
CREATE OR REPLACE FUNCTION recorded_evidence(the_record bigint, the_endpoint bigint, deployment text, outcome_id smallint, reason text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('source', s.name, 'file', r.file, 'line', r.line, 'location', l.location,
        'common_name', r.common_name, 'reason', reason,
        'delivered_at', CASE WHEN deployment = 'never served' THEN r.delivered_at END,
        'return_until', CASE WHEN deployment = 'never served'
                             THEN (SELECT r.delivered_at + make_interval(days => t.test_window_days) FROM policy_term t) END,
        'last_answer_at', state.last_answer_at,
        'last_outcome', CASE WHEN deployment <> 'unreachable' THEN o.name END,
        'silence', CASE WHEN deployment = 'unreachable' THEN o.name END,
        'next_command', CASE WHEN deployment = 'not judged' AND coalesce(reason, 'how long ago?') = 'how long ago?'
                             THEN 'certsweep scan ' || l.location END))
    FROM managed_record r
    JOIN managed_source s ON s.id = r.source
    LEFT JOIN outcome o ON o.id = outcome_id
    LEFT JOIN endpoint_state state ON state.endpoint = the_endpoint
    LEFT JOIN LATERAL (
        SELECT coalesce(l.name || CASE WHEN l.address IS NULL THEN '' ELSE '@' END, '') || coalesce(host(l.address), '')
               || coalesce(':' || l.port, '') AS location
        FROM managed_location l WHERE l.record = r.id LIMIT 1) l ON true
    WHERE r.id = the_record
$$;

UPDATE reconcile_run SET basis = basis || ' with what was asked long ago'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
