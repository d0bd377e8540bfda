-- What the statements behind a load join
ANALYZE endpoint, observation, quiet
