-- Builds the indexes again that a run has dropped: this one, or one that was killed.
SELECT indexes_put_back('judgement') WHERE EXISTS (SELECT FROM index_aside WHERE task = 'judgement')
