-- $1 scan
INSERT INTO quiet AS q (scan, prefix, port, transport, outcome, from_at, to_at, addresses)
SELECT $1, prefix, port, transport, outcome, from_at, to_at, addresses FROM in_quiet
ON CONFLICT (prefix, port, transport, scan, outcome)
DO UPDATE SET addresses = q.addresses | excluded.addresses, from_at = least(q.from_at, excluded.from_at),
              to_at = greatest(q.to_at, excluded.to_at)
