-- Reads them in the order of the bundle. Column: row
DECLARE first_rows NO SCROLL CURSOR FOR SELECT row FROM in_first ORDER BY row
