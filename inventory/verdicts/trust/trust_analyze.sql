-- Renews the planner's statistics of the pending tables, and of those that they are looked up in, if they have
-- grown.
SELECT statistics_renew_grown(ARRAY['trust_pending', 'chain_pending', 'certificate_own', 'edge', 'chain_end']::regclass[])
