-- What must be renewed by when, and how many certificates end in each hour, kept by every run as now_count is: of a million certificates some
-- hundred thousand have their last safe day within 90 days, and the summary is asked after every scan. The counts of last safe days are of
-- the day of the last run (in the policy's zone), and a run on a later day moves what time has moved (reconcile_scope_changed.sql).
-- now_count has them as subject 'to renew', by renewal_span(); owner_count for each owner of the certificate or of a place of it.

-- By how many days are left until the last safe day. NULL: more than 90.
CREATE FUNCTION renewal_span(days integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('{overdue,0-7,8-30,31-60,61-90}'::text[])[1 + width_bucket(days, '{0,8,31,61,91}'::integer[])]
$$;

ALTER TABLE owner_count
    ALTER certificates SET DEFAULT 0, ALTER served SET DEFAULT 0, ALTER unmanaged SET DEFAULT 0, ALTER expired SET DEFAULT 0,
    ALTER expiring SET DEFAULT 0, ALTER critical SET DEFAULT 0, ALTER high SET DEFAULT 0, ALTER medium SET DEFAULT 0, ALTER low SET DEFAULT 0,
    ALTER info SET DEFAULT 0, ALTER places SET DEFAULT 0,
    ADD COLUMN due_overdue bigint NOT NULL DEFAULT 0,           -- renewal_span()
    ADD COLUMN due_week bigint NOT NULL DEFAULT 0,
    ADD COLUMN due_month bigint NOT NULL DEFAULT 0,
    ADD COLUMN due_two_months bigint NOT NULL DEFAULT 0,
    ADD COLUMN due_three_months bigint NOT NULL DEFAULT 0;

CREATE INDEX owner_count_due ON owner_count (due_overdue DESC, due_week DESC, due_month DESC, due_two_months DESC, due_three_months DESC, owner)
    WHERE due_overdue + due_week + due_month + due_two_months + due_three_months > 0;

CREATE TABLE ending_count (         -- leaves by the hour of their end
    hour timestamptz PRIMARY KEY,
    count bigint NOT NULL
);

-- An inventory that was judged before is counted by the next run, which is over everything; reports count by themselves until then.
UPDATE reconcile_run SET basis = basis || ' without due counts'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
