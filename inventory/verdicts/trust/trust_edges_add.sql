-- Stores the edges of children that had none.
INSERT INTO edge SELECT * FROM edge_new
