-- What has changed since the last reconciliation, and so must be judged again. Who writes facts, answers, trust,
-- records, decisions or rules appends here in the same transaction; twice is no harm. Reconcile closes the set over
-- its relations and deletes the rows that its snapshot saw.

CREATE TABLE dirty (
    kind smallint NOT NULL CHECK (kind IN (1, 2, 3)),   -- 1 certificate, 2 endpoint, 3 managed record
    id bigint NOT NULL
);
