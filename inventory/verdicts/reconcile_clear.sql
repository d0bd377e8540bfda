-- Takes away what the run before left in this session: after a replay its tables stand before those of the present.
DISCARD TEMP
