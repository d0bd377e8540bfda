-- Must paths be recomputed? Column: boolean.
SELECT paths_are_old FROM trust_state
