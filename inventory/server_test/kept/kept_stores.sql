-- The roots of every trust store, the public ones first. Columns: store, name, whether it is public, DER
SELECT s.id, s.name, s.kind = 'public', c.der
FROM trust_store s JOIN store_root r ON r.store = s.id JOIN certificate c ON c.id = r.certificate
ORDER BY s.kind = 'public' DESC, s.id, c.sha256
