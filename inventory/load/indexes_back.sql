-- Builds the indexes again that a load has dropped: this one, or one that was killed.
SELECT indexes_put_back('load') WHERE EXISTS (SELECT FROM index_aside WHERE task = 'load')
