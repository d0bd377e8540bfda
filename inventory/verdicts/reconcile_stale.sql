-- Have this run's own writes made the planner's statistics stale?
SELECT coalesce((SELECT sum(count) FROM written), 0)
       > 1000 + 0.1 * (SELECT sum(greatest(reltuples, 0)) FROM pg_class
                       WHERE oid IN ('certificate_now'::regclass, 'endpoint_judged'::regclass, 'finding'::regclass))
