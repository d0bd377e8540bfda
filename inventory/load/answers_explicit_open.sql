-- Reads the answers that become rows in the order of the bundle. Columns: row, endpoint, is it late, is it ahead
DECLARE explicit_rows NO SCROLL CURSOR FOR
SELECT row, endpoint, is_late, is_ahead FROM in_explicit ORDER BY row
