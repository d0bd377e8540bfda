-- Drops the temporary tables of the last run in this session: those of a replay hide the tables of the present.
DISCARD TEMP
