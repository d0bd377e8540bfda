-- Merges the deltas of an hour into one row: the earliest and the latest time, the sum of counts. Of columns outside the key
-- the greatest value is kept, so that the order of loading does not matter. (A staple's id depends on the order of
-- loading, so of two staples in an hour either may be kept.)
INSERT INTO sighting AS s (scan, hour, endpoint, role, outcome, chain, peer, tls_version, cipher_suite, named_group,
                           staple, sct_count, protocol, detail, alpn, first_at, last_at, count)
SELECT scan, hour, endpoint, role, outcome, chain, peer, tls_version, cipher_suite, max(named_group), max(staple),
       max(sct_count), max(protocol), max(detail), max(alpn), min(first_at), max(last_at), sum(count)
FROM in_sighting
GROUP BY scan, hour, endpoint, role, outcome, chain, peer, tls_version, cipher_suite
ON CONFLICT (endpoint, hour, scan, role, outcome, coalesce(chain, 0), coalesce(peer, '::'::inet),
             coalesce(tls_version, 0), coalesce(cipher_suite, -1))
DO UPDATE SET first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
              count = s.count + excluded.count, named_group = greatest(s.named_group, excluded.named_group),
              staple = greatest(s.staple, excluded.staple), sct_count = greatest(s.sct_count, excluded.sct_count),
              protocol = greatest(s.protocol, excluded.protocol), detail = greatest(s.detail, excluded.detail),
              alpn = greatest(s.alpn, excluded.alpn)
