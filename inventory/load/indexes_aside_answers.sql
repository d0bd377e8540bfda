-- Drops, until indexes_back.sql, the indexes that storing $1 answers does not use, if these are most of all.
SELECT indexes_put_aside('load', '{endpoint_key, endpoint_address, endpoint_prefix, answer_span_endpoint, answer_span_chain, observation_endpoint,
                           event_endpoint, event_time}',
                         'endpoint', $1::bigint)
