-- A calendar that is imported shows nothing of days that are over, and never rings for them: what is overdue stands on the day of the letter, and says since when.
ALTER TABLE calendar_event ADD COLUMN overdue_since date;      -- the day it was due, where that is before the day of the letter; NULL: it is not
