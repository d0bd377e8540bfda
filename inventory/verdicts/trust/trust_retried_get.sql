-- Up to which authority were orphans tried again?
SELECT retried_to FROM trust_state
