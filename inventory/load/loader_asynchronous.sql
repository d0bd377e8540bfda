-- What a crash may lose of this transaction is loaded again: the commit that ends a bundle is synchronous, and takes all earlier ones along.
SET LOCAL synchronous_commit = off
