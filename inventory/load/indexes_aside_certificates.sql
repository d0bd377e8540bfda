-- Drops, until indexes_back.sql, the indexes that storing $1 new certificates and chains does not use, if these are most of all.
SELECT indexes_put_aside('load', '{certificate_name_name, certificate_name_reversed,
                           certificate_own_serial, certificate_own_sha1, chain_sha256, chain_leaf, chain_certificate_certificate}',
                         'certificate', $1::bigint)
