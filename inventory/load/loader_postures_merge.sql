-- Of several answers to one question at one moment the greatest is kept, so that the order of loading does not matter.
INSERT INTO posture AS p (endpoint, item, time, value, detail, scan)
SELECT DISTINCT ON (endpoint, item, time) endpoint, item, time, value, detail, scan
FROM in_posture ORDER BY endpoint, item, time, value DESC, detail DESC
ON CONFLICT (endpoint, item, time) DO UPDATE SET value = excluded.value, detail = excluded.detail
WHERE (excluded.value, coalesce(excluded.detail, '')) > (p.value, coalesce(p.detail, ''))
