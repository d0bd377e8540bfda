-- The owners of each certificate that has several here, with how much each has of it: once for all letters, and of each certificate only the
-- first seven, so that one that everybody serves costs no letter more than others.
CREATE TEMP TABLE document_shared ON COMMIT DROP AS
SELECT * FROM (
    SELECT s.*, row_number() OVER (PARTITION BY certificate ORDER BY owner = '', places DESC, files DESC, owner COLLATE "C") AS line,
           count(*) OVER (PARTITION BY certificate) AS owners
    FROM (SELECT certificate, owner, min(basis) AS basis, count(DISTINCT endpoint) FILTER (WHERE endpoint <> 0) AS places, count(file) AS files
          FROM document_place
          WHERE certificate IN (SELECT certificate FROM document_place GROUP BY certificate HAVING min(owner) <> max(owner))
          GROUP BY certificate, owner) s) l
WHERE line <= 7;
CREATE INDEX ON document_shared (certificate);
ANALYZE document_shared
