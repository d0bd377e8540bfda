-- What a crash may lose of this transaction is loaded again: the commit that ends a bundle is synchronous, and takes all earlier ones along.
SET LOCAL synchronous_commit = off;
-- A batch is looked up in tables that may have a hundred times its rows. With the default cost of a random page, all of these would be read
-- each time.
SET LOCAL random_page_cost = 1.1;
