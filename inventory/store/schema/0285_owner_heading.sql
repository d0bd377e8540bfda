-- The heading of a file of owner rules, without which its lines cannot be read elsewhere. NULL: it was imported before this version.
ALTER TABLE owner_import ADD COLUMN heading text;
