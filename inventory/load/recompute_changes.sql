-- changed: an interval of another leaf begins where the same variant's former one closed. Side by side (several) is no
-- change; a new chain over the same leaf is none either.
INSERT INTO event (endpoint, kind, time, variant, chain_before, chain_after)
SELECT DISTINCT after.endpoint, 'changed', after.from_at, after.variant, before.chain, after.chain
FROM in_work w
JOIN serving after ON after.endpoint = w.endpoint AND after.role = 1
JOIN serving before ON before.endpoint = after.endpoint AND before.role = 1 AND before.variant = after.variant
                   AND before.closed_at IS NOT NULL AND before.closed_at <= after.from_at AND before.chain <> after.chain
JOIN chain c1 ON c1.id = before.chain
JOIN chain c2 ON c2.id = after.chain AND c2.leaf <> c1.leaf
WHERE NOT EXISTS (SELECT FROM serving between_them
                  WHERE between_them.endpoint = after.endpoint AND between_them.role = 1
                    AND between_them.variant = after.variant AND between_them.from_at < after.from_at
                    AND (between_them.from_at > before.from_at
                         OR (between_them.from_at = before.from_at AND between_them.to_at > before.to_at)))
ON CONFLICT DO NOTHING
