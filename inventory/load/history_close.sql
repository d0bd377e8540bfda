CLOSE evidence
