-- What has changed since the last reconciliation, and so must be judged again. A transaction that writes facts, answers, trust,
-- records, decisions or rules appends here, too; duplicates do no harm. Reconcile adds what these affect, judges all of it, and
-- deletes the rows in its snapshot.

CREATE TABLE dirty (
    kind smallint NOT NULL CHECK (kind IN (1, 2, 3)),   -- 1 certificate, 2 endpoint, 3 managed record
    id bigint NOT NULL
);
