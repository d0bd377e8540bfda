-- Judging looks up when endpoints that showed several certificates changed (reconcile_renewed.sql). The index on all events is a BRIN, which is read
-- whole for each look-up; of changes, none of which a first load brings, there are few.
CREATE INDEX event_changed ON event (endpoint) WHERE kind = 'changed';
