-- Reports come right after a load: the planner must know by then that a table has grown from nothing to a network.
ANALYZE certificate, certificate_facts, chain, endpoint, endpoint_state, serving, observation, posture, quiet, verdict,
        ownership
