-- Findings at a place that time alone will change, which no row of a certificate tells: P05 of an endpoint becomes high in 2030.
CREATE INDEX finding_due ON finding (next_change_at) WHERE next_change_at IS NOT NULL AND endpoint <> 0;
