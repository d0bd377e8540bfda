-- Records a row that the database refused. $1 stage, $2 its version, $3 certificate, $4 bundle, $5 table of the bundle,
-- $6 its row, $7 reason
INSERT INTO set_aside (stage, version, certificate, bundle, bundle_table, bundle_row, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
