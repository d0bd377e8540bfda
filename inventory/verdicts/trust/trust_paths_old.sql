-- Are paths to be walked anew? Column: yes or no.
SELECT paths_are_old FROM trust_state
