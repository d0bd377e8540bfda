-- Which scans are in the database, and what is their state?
-- $1 site or NULL for all. id; site; started (UTC, RFC 3339); share: done, per cent; state; account: positions by
-- outcome; targets: the plan's, a few of them.
SELECT s.scan_id::text AS id,
       site.name AS site,
       to_char(s.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started,
       CASE WHEN s.space_size = 0 THEN '100.0'
            ELSE to_char(100.0 * coalesce(o.ended, 0) / s.space_size, 'FM990.0') END AS share,
       CASE WHEN s.finished_at IS NULL THEN 'loaded in part' ELSE 'finished' END
           || CASE WHEN s.rows_ahead > 0 OR s.started_at > s.clock_limit THEN ', clock ahead' ELSE '' END AS state,
       coalesce(o.account, '') AS account,
       plan_targets(s.plan) AS targets
  FROM scan AS s
  JOIN site ON site.id = s.site
  LEFT JOIN (SELECT so.scan, sum(so.count) AS ended,
                    string_agg(outcome.name || ' ' || so.count, ', ' ORDER BY so.outcome) AS account
               FROM scan_outcome AS so
               JOIN outcome ON outcome.id = so.outcome
              GROUP BY so.scan) AS o ON o.scan = s.id
 WHERE s.kind = 1 AND ($1::text IS NULL OR site.name = $1)
 ORDER BY s.started_at > s.clock_limit, s.started_at DESC, s.id DESC    -- what claims to be from tomorrow leads nothing
