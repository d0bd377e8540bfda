ANALYZE in_changed, in_evidence
