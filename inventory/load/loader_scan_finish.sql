-- A scan is finished when its blocks cover its space, its names have been asked, and each shard's bundle was sealed by
-- its writer. $1 scan. Returns a row if it is.
UPDATE scan SET finished_at = coalesce(last_at, least(started_at, clock_limit))
WHERE id = $1
  AND (SELECT count(*) FROM scan_block b WHERE b.scan = scan.id) = (space_size + 4095) / 4096
  AND (SELECT count(*) FROM name_asked n WHERE n.scan = scan.id)
      >= (SELECT coalesce(sum(lines), 0)
          FROM (SELECT max(target_lines) AS lines FROM bundle b WHERE b.scan = scan.id GROUP BY shard) AS part)
  AND (SELECT count(DISTINCT shard) FROM bundle b WHERE b.scan = scan.id AND sealed = 1) = shard_count
RETURNING id
