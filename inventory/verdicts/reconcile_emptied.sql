-- Gives the space of emptied lists back, so that the next run sees at once that there is nothing to do.
SELECT emptied_lists_clear()
