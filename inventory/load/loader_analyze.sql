-- The tables that grow by loading.
SELECT statistics_renew_grown(ARRAY['certificate', 'chain', 'chain_certificate', 'endpoint', 'endpoint_now', 'answer_now', 'answer_past',
                                    'quiet', 'confirmation', 'sighting', 'event', 'certificate_own', 'certificate_name', 'profile',
                                    'public_key', 'key_weakness', 'edge', 'posture', 'chain_end', 'endpoint_block', 'variant', 'severity']::regclass[]
                              || ARRAY(SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'observation'::regclass))
