-- How many blocks answers are in: without it the planner takes 200, and what joins answers with blocks for a few rows.
CREATE STATISTICS answer_block ON (endpoint >> 12) FROM answer_now;
