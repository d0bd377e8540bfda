-- What waits, and where it is looked up.
SELECT statistics_renew_grown(ARRAY['trust_pending', 'chain_pending', 'certificate_own', 'edge', 'chain_end']::regclass[])
