-- With authorities up to which id were orphans tried?
SELECT retried_to FROM trust_state
